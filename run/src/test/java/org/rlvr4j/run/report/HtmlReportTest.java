package org.rlvr4j.run.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.run.report.Report.Detail;

class HtmlReportTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void pageLoadsNothing() throws IOException {
        assertThat(HtmlReport.render(sample(), RunFiles.write(folder, false)))
                .contains("default-src 'none'")
                .doesNotContainPattern(
                        "https?:(?!//www\\.w3\\.org/2000/svg')|url\\(|@import|<link|<img|<iframe|\\bsrc=");
    }

    @Test
    void everyTextIsEscaped() throws IOException {
        String evil = "<script>alert('\"&')</script>";
        var report = new Report(
                evil,
                evil,
                List.of(new Table(evil, List.of(evil), List.of(List.of(evil)))),
                List.of(new Detail(evil, evil)));

        assertThat(HtmlReport.render(report, null))
                .doesNotContain("<script>alert")
                .doesNotContain("'\"&'")
                .contains("&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;");
    }

    @Test
    void textOfASampleEndsNoScriptAndBeginsNone() throws IOException {
        Curves curves = RunFiles.write(folder, false);

        String page = HtmlReport.render(sample(), curves);

        assertThat(Files.readString(curves.runs().getFirst().samples())).contains("</script><script>alert");
        assertThat(page).doesNotContain("</script><script>alert", "<!-- ]]>").contains("\\u003c/script>");
        assertThat(page.split("</script>", -1)).hasSize(1 + 2); // the data's and the page's own
    }

    @Test
    void methodHasASwatchInTheTable() throws IOException {
        assertThat(HtmlReport.render(sample(), RunFiles.write(folder, false)))
                .containsPattern("<td><svg class=\"swatch c1 d0\".*</svg>DAPO</td>");
    }

    @Test
    void emptyReportIsItsTitle() throws IOException {
        assertThat(HtmlReport.render(new Report("Nothing yet", "", List.of(), List.of()), null))
                .contains("<h1>Nothing yet</h1>")
                .doesNotContain("<section", "<script");
    }

    @Test
    void pageIsReplacedAtOnceAndLeavesNothingBesideIt() throws IOException {
        Path page = folder.resolve("report.html");
        HtmlReport.write(new Report("Old", "", List.of(), List.of()), page);
        HtmlReport.write(new Report("New \ud800", "", List.of(), List.of()), page); // half of a character

        assertThat(page).content().contains("<h1>New ?</h1>");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(page);
        }
    }

    @Test
    void fileThatCannotBeWrittenIsNamed() {
        Path page = folder.resolve("none/report.html");

        assertThatThrownBy(() -> HtmlReport.write(sample(), page))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("cannot write " + page);
    }

    /** A report as an ablation has it, without its curves. */
    static Report sample() {
        return new Report(
                "Ablation: sums of three numbers",
                "A model of 1.0 M parameters, warmed up to guess, learns to work sums out.\n\nEvery number is of this"
                        + " machine and this commit.",
                List.of(new Table(
                        "Greedy accuracy on held-out sums after 20 steps, mean and 95 % interval over three seeds; RUR"
                                + " and TCR are means over the run.",
                        List.of("method", "Avg@1", "Avg@32", "response length", "RUR", "TCR", "generated"),
                        List.of(
                                List.of("GRPO", "79.3 ± 2.1", "71.0 ± 1.8", "22.4", ".955", "1.04e-2", "10240"),
                                List.of("DAPO", "81.6 ± 2.5", "73.9 ± 2.0", "23.1", "1.000", "9.8e-3", "18432"),
                                List.of("GSPO", "76.0 ± 3.0", "68.2 ± 2.6", "21.0", ".948", ".300", "10240"),
                                List.of("DCPO", "84.7 ± 1.6", "77.5 ± 1.4", "24.0", ".990", "5.0e-3", "10240")))),
                List.of(
                        new Detail(
                                "Configuration",
                                "model:\n  hiddenSize: 128\n  layers: 4\nseeds: [1, 2, 3]\nsteps: 20\n"),
                        new Detail("Machine and commit", "2 cores, 24 GB, JDK 25\n0123abc")));
    }
}
