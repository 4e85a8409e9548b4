package org.rlvr4j.run.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.run.report.Report.Detail;
import org.rlvr4j.run.report.Report.Panel;
import org.rlvr4j.run.report.Report.Point;
import org.rlvr4j.run.report.Report.Run;
import org.rlvr4j.run.report.Report.Series;

class HtmlReportTest {

    @Test
    void pageLoadsNothing() throws IOException {
        assertThat(HtmlReport.render(sample()))
                .contains("default-src 'none'")
                .doesNotContainPattern("https?:|url\\(|@import|<link|<img|<iframe|\\bsrc=");
    }

    @Test
    void everyPanelHasALinePerSeriesAndABandPerSeriesWithSeeds() throws IOException {
        String page = HtmlReport.render(sample());

        assertThat(page.split("<figure>", -1)).hasSize(1 + 8);
        assertThat(page.split("<g class=\"series", -1)).hasSize(1 + 8 * 4);
        assertThat(page.split("<path class=\"band\"", -1)).hasSize(1 + 8 * 4);
        assertThat(page).contains("means over the seeds 1, 2, 3");
    }

    @Test
    void lineIsTheMeanOfTheSeedsAndTheBandTheirRange() throws IOException {
        var panel = new Panel(
                "p", "", false, List.of(new Series("s", List.of(Run.of(1, 0, 4), Run.of(2, 10, Double.NaN)))));

        assertThat(HtmlReport.render(report(panel)))
                .contains("data-steps=\"1 2\"", "data-values=\"5 4\"")
                .contains("class=\"band\" d=\"M410.0 126.8L46.0 8.0L46.0 206.0L410.0 126.8Z\"")
                .contains("class=\"line\" d=\"M46.0 107.0L410.0 126.8\"");
    }

    @Test
    void singleRunHasNoBand() throws IOException {
        var panel = new Panel("p", "", false, List.of(new Series("s", List.of(Run.of(7, 1, 2)))));

        assertThat(HtmlReport.render(report(panel)))
                .contains("Each line is one run, of seed 7.")
                .doesNotContain("class=\"band\"");
    }

    @Test
    void stepsThatOneSeriesLacksAreShownAsADash() throws IOException {
        var panel = new Panel(
                "p",
                "",
                true,
                List.of(
                        new Series("a", List.of(new Run(1, List.of(new Point(2, 0.01), new Point(4, 0))))),
                        new Series("b", List.of(new Run(1, List.of(new Point(3, 1e-4)))))));

        assertThat(HtmlReport.render(report(panel)))
                .contains("data-steps=\"2 3 4\"", "data-values=\"0.0100 - 0\"", "data-values=\"- 1e-4 -\"");
    }

    @Test
    void panelWithoutAFiniteValueSaysSo() throws IOException {
        var panel = new Panel("p", "", true, List.of(new Series("s", List.of(Run.of(1, Double.NaN)))));

        assertThat(HtmlReport.render(report(panel))).contains(">no data</text>").doesNotContain("<g class");
    }

    @Test
    void seriesKeepsItsColourFromPanelToPanel() throws IOException {
        var a = new Series("a", List.of(Run.of(1, 1)));
        var b = new Series("b", List.of(Run.of(1, 1)));

        assertThat(HtmlReport.render(
                        report(new Panel("p", "", false, List.of(a, b)), new Panel("q", "", false, List.of(b, a)))))
                .containsSubsequence("s0 c0 d0\" data-name=\"a\"", "s1 c1 d0\" data-name=\"b\"")
                .containsSubsequence("s1 c1 d0\" data-name=\"b\"", "s0 c0 d0\" data-name=\"a\"");
    }

    @Test
    void everyTextIsEscaped() throws IOException {
        String evil = "<script>alert('\"&')</script>";
        var report = new Report(
                evil,
                evil,
                List.of(new Table(evil, List.of(evil), List.of(List.of(evil)))),
                List.of(new Panel(evil, evil, false, List.of(new Series(evil, List.of(Run.of(1, 1)))))),
                List.of(new Detail(evil, evil)));

        assertThat(HtmlReport.render(report))
                .doesNotContain("<script>alert")
                .doesNotContain("'\"&'")
                .contains("&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;");
    }

    @Test
    void emptyReportIsItsTitle() throws IOException {
        assertThat(HtmlReport.render(new Report("Nothing yet", "", List.of(), List.of(), List.of())))
                .contains("<h1>Nothing yet</h1>")
                .doesNotContain("<section>");
    }

    @Test
    void fileThatCannotBeWrittenIsNamed(@TempDir Path folder) {
        assertThatThrownBy(() -> HtmlReport.write(sample(), folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("cannot write " + folder);
    }

    private static Report report(Panel... panels) {
        return new Report("t", "", List.of(), List.of(panels), List.of());
    }

    /** Curves as an ablation has them: four methods, three seeds, twenty steps. */
    static Report sample() {
        var rng = new SplittableRandom(1);
        Table summary = new Table(
                "Greedy accuracy on held-out sums after 20 steps, mean and 95 % interval over three seeds; RUR and TCR"
                        + " are means over the run.",
                List.of("method", "Avg@1", "Avg@32", "response length", "RUR", "TCR", "generated"),
                List.of(
                        List.of("GRPO", "79.3 ± 2.1", "71.0 ± 1.8", "22.4", ".955", "1.04e-2", "10240"),
                        List.of("DAPO", "81.6 ± 2.5", "73.9 ± 2.0", "23.1", "1.000", "9.8e-3", "18432"),
                        List.of("GSPO", "76.0 ± 3.0", "68.2 ± 2.6", "21.0", ".948", ".300", "10240"),
                        List.of("DCPO", "84.7 ± 1.6", "77.5 ± 1.4", "24.0", ".990", "5.0e-3", "10240")));
        List<Panel> panels = List.of(
                panel(rng, "Accuracy", "greedy, share of held-out sums", false, .15, .85, .04),
                panel(rng, "Reward", "mean of a step's responses", false, -.6, .7, .05),
                panel(rng, "Response length", "tokens", false, 15, 24, .6),
                panel(rng, "RUR", "share of responses that are used", false, .9, .97, .02),
                panel(rng, "TCR", "share of tokens that are clipped", true, .02, .003, .001),
                panel(rng, "Entropy", "nats per token", false, .45, .08, .02),
                panel(rng, "Gradient norm", "before clipping", false, 1.8, .6, .2),
                panel(rng, "Tokens per second", "rollout", false, 10500, 12800, 300));
        return new Report(
                "Ablation: sums of three numbers",
                "A model of 1.0 M parameters, warmed up to guess, learns to work sums out. Each method trains the same"
                        + " warmed-up model with the same prompts.\n\nEvery number is of this machine and this commit.",
                List.of(summary),
                panels,
                List.of(
                        new Detail(
                                "Configuration",
                                "model:\n  hiddenSize: 128\n  layers: 4\nseeds: [1, 2, 3]\nsteps: 20\n"),
                        new Detail("Machine and commit", "2 cores, 24 GB, JDK 25\n0123abc")));
    }

    private static Panel panel(
            SplittableRandom rng, String title, String yLabel, boolean log, double from, double to, double noise) {
        var series = new ArrayList<Series>();
        for (String method : List.of("GRPO", "DAPO", "GSPO", "DCPO")) {
            double speed = 3 + 2 * series.size();
            double factor = log && method.equals("GSPO") ? 30 : 1;
            var runs = new ArrayList<Run>();
            for (long seed = 1; seed <= 3; seed++) {
                var values = new double[20];
                for (int i = 0; i < values.length; i++) {
                    values[i] = factor * (to + (from - to) * Math.exp(-i / speed) + noise * rng.nextGaussian());
                }
                runs.add(Run.of(seed, values));
            }
            series.add(new Series(method, runs));
        }
        return new Panel(title, yLabel, log, series);
    }
}
