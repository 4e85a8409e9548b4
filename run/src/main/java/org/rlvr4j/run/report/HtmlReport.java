package org.rlvr4j.run.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.run.files.FileFailure;

/**
 * HTML report: one page that needs no other file and no network. Without scripts it has all but curves and samples.
 */
public final class HtmlReport {

    private HtmlReport() {}

    /**
     * Writes a report without curves as a page.
     *
     * @param report report to write
     * @param file   HTML file, which is replaced if it exists
     * @throws UncheckedIOException if the file cannot be written
     */
    public static void write(Report report, Path file) {
        write(report, null, file);
    }

    /**
     * Writes a report as a page. An existing page is replaced at once, so that nobody reads half of one.
     *
     * @param report report to write
     * @param curves curves and samples; null for none
     * @param file   HTML file, which is replaced if it exists
     * @throws IllegalArgumentException if a file of the curves is damaged
     * @throws UncheckedIOException     if the file cannot be written, or one of the curves cannot be read
     */
    public static void write(Report report, @Nullable Curves curves, Path file) {
        Path unfinished = file.resolveSibling(file.getFileName() + ".part");
        try {
            // a half of a character, which UTF-8 cannot hold, becomes a question mark
            Files.write(unfinished, render(report, curves).getBytes(StandardCharsets.UTF_8));
            Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FileFailure.writing(file, e);
        } finally {
            unfinished.toFile().delete();
        }
    }

    /** The page as text. */
    static String render(Report report, @Nullable Curves curves) throws IOException {
        List<String> names = curves == null
                ? List.of()
                : curves.runs().stream().map(Curves.Run::series).distinct().toList();
        String body = section("", paragraphs(report.intro()))
                + section("Summary", each(report.tables(), table -> table(table, names)))
                + (curves == null ? "" : drawn(curves.data()))
                + section("Provenance", each(report.details(), HtmlReport::detail));
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy"
              content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
            <title>%1$s</title>
            <style>
            %2$s</style>
            </head>
            <body>
            <h1>%1$s</h1>
            %3$s</body>
            </html>
            """.formatted(Html.escape(report.title()), resource("report.css"), body);
    }

    /** Places that the script fills, its data and the script. */
    private static String drawn(Curves.Data data) throws IOException {
        return """
            <p id="running" role="status" hidden></p>
            <noscript><p>Curves and samples are drawn by a script, which this browser does not run.</p></noscript>
            <section id="curves" hidden>
            <h2>Curves</h2>
            %s<div id="controls"></div>
            <div id="panels" class="panels"></div>
            </section>
            <section id="samples" hidden>
            <h2>Samples</h2>
            </section>
            <section id="before-after" hidden>
            <h2>Before and after</h2>
            </section>
            <script type="application/json" id="data">%s</script>
            <script>
            %s%s%s</script>
            """.formatted(
                        each(data.notes(), note -> "<p class=\"note\">" + Html.escape(note) + "</p>\n"),
                        data.json(),
                        resource("chart.js"),
                        resource("samples.js"),
                        resource("report.js"));
    }

    private static String section(String title, String content) {
        String heading = title.isEmpty() ? "" : "<h2>" + title + "</h2>\n";
        return content.isEmpty() ? "" : "<section>\n" + heading + content + "</section>\n";
    }

    private static String paragraphs(String text) {
        return text.isBlank()
                ? ""
                : each(List.of(text.strip().split("\n\\s*\n")), part -> "<p>" + Html.escape(part) + "</p>\n");
    }

    private static String table(Table table, List<String> names) {
        String head = cells(table, table.columns(), "th", cell -> "");
        String rows =
                each(table.rows(), row -> "<tr>" + cells(table, row, "td", cell -> swatch(cell, names)) + "</tr>\n");
        return """
            <div class="wide"><table>
            <caption><span>%s</span></caption>
            <thead><tr>%s</tr></thead>
            <tbody>
            %s</tbody>
            </table></div>
            """.formatted(Html.escape(table.caption()), head, rows);
    }

    private static String cells(Table table, List<String> cells, String tag, UnaryOperator<String> mark) {
        return IntStream.range(0, cells.size())
                .mapToObj(i -> "<%s%s>%s%s</%s>"
                        .formatted(
                                tag,
                                table.isNumeric(i) ? " class=\"number\"" : "",
                                mark.apply(cells.get(i)),
                                Html.escape(cells.get(i)),
                                tag))
                .collect(Collectors.joining());
    }

    /** Sample of a series' line, to be shown before its name; empty if the text is not the name of a series. */
    private static String swatch(String name, List<String> names) {
        return !names.contains(name)
                ? ""
                : "<svg class=\"swatch %s\" viewBox=\"0 0 22 10\"><path class=\"line\" d=\"M1 5H21\"/></svg>"
                        .formatted(Html.style(names.indexOf(name)));
    }

    private static String detail(Report.Detail detail) {
        return "<details>\n<summary>%s</summary>\n<pre>%s</pre>\n</details>\n"
                .formatted(Html.escape(detail.title()), Html.escape(detail.text()));
    }

    private static <T> String each(List<T> parts, Function<T, String> html) {
        return parts.stream().map(html).collect(Collectors.joining());
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
