package org.rlvr4j.run.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.rlvr4j.run.files.FileFailure;

/** HTML report: one page that needs no other file and no network; it can be read without scripts. */
public final class HtmlReport {

    private HtmlReport() {}

    /**
     * Writes a report as a page.
     *
     * @param report report to write
     * @param file   HTML file, which is replaced if it exists
     * @throws UncheckedIOException if the file cannot be written
     */
    public static void write(Report report, Path file) {
        try {
            Files.writeString(file, render(report));
        } catch (IOException e) {
            throw FileFailure.writing(file, e);
        }
    }

    /** The page as text. */
    static String render(Report report) throws IOException {
        List<String> names = report.panels().stream()
                .flatMap(panel -> panel.series().stream())
                .map(Report.Series::name)
                .distinct()
                .toList();
        String body = section("", paragraphs(report.intro()))
                + section("Summary", each(report.tables(), table -> table(table, names)))
                + section("Curves", curves(report.panels(), names))
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
            %2$s%3$s</style>
            </head>
            <body>
            <h1>%1$s</h1>
            %4$s<script>
            %5$s</script>
            </body>
            </html>
            """.formatted(
                Html.escape(report.title()), resource("report.css"), switches(names), body, resource("report.js"));
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
            <caption>%s</caption>
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

    private static String curves(List<Report.Panel> panels, List<String> names) {
        if (panels.isEmpty()) {
            return "";
        }
        String legend = each(names, name -> "<label><input type=\"checkbox\" id=\"show%s\" checked>%s%s</label>\n"
                .formatted(names.indexOf(name), swatch(name, names), Html.escape(name)));
        String figures = each(panels, panel -> figure(panel, names));
        return "<p>" + seeds(panels) + "</p>\n<div class=\"legend\">\n" + legend + "</div>\n<div class=\"panels\">\n"
                + figures + "</div>\n";
    }

    private static String seeds(List<Report.Panel> panels) {
        List<String> seeds = panels.stream()
                .flatMap(panel -> panel.series().stream())
                .flatMap(series -> series.runs().stream())
                .map(Report.Run::seed)
                .distinct()
                .sorted()
                .map(String::valueOf)
                .toList();
        return seeds.size() == 1
                ? "Each line is one run, of seed " + seeds.getFirst() + "."
                : "Lines are means over the seeds " + String.join(", ", seeds)
                        + "; bands reach from the lowest seed to the highest.";
    }

    private static String figure(Report.Panel panel, List<String> names) {
        return """
            <figure>
            <figcaption><strong>%s</strong> %s%s</figcaption>
            %s<div class="tip" hidden></div>
            </figure>
            """.formatted(
                        Html.escape(panel.title()),
                        Html.escape(panel.yLabel()),
                        panel.logScale() ? ", logarithmic" : "",
                        new Chart(panel, names).toSvg());
    }

    private static String detail(Report.Detail detail) {
        return "<details>\n<summary>%s</summary>\n<pre>%s</pre>\n</details>\n"
                .formatted(Html.escape(detail.title()), Html.escape(detail.text()));
    }

    /** CSS rules that hide a series whose box in the legend is not ticked, without a script. */
    private static String switches(List<String> names) {
        return IntStream.range(0, names.size())
                .mapToObj("body:has(#show%1$s:not(:checked)) .s%1$s { display: none }\n"::formatted)
                .collect(Collectors.joining());
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
