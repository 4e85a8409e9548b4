package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.rl.Trainer;

/** The report while a training goes on. */
class LiveReportTest {

    private static final long MINUTE = 60_000_000_000L;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void pageGrowsWithTheTrainingAndSaysWhetherItGoesOn() throws IOException {
        List<String> pages = pagesAtEachStep(MINUTE);

        assertThat(pages).hasSize(2);
        assertThat(pages.get(0)).contains("\"running\":true", "\"avg\":[").doesNotContain("\"reward\":[");
        assertThat(pages.get(1)).contains("\"running\":true", "{\"step\":[1.0],\"reward\":[");
        assertThat(page()).contains("\"running\":false", "{\"step\":[1.0,2.0],\"reward\":[");
        assertThat(folder.resolve("report.html")).content().contains("Avg@2 %");
    }

    @Test
    void pageIsNotWrittenMoreOftenThanEveryTenSeconds() throws IOException {
        List<String> pages = pagesAtEachStep(0);

        assertThat(pages.get(1)).isEqualTo(pages.get(0));
        assertThat(page()).contains("\"running\":false", "\"reward\":[");
    }

    @Test
    void trainingThatIsInterruptedLeavesAPageThatDoesNotLoadItselfAgain() throws IOException {
        var interruption = new Interruption();
        Training training = Training.of(TrainingTest.tiny(
                        folder,
                        "methods=[{name: A, algorithm: DCPO, preset: PAPER, change: {}},"
                                + " {name: B, algorithm: GRPO, preset: PAPER, change: {}}]"))
                .until(interruption);

        assertThatThrownBy(() -> training.run(new RunListener() {
                    @Override
                    public void stepped(Name run, Trainer.Step step) {
                        interruption.request();
                    }
                }))
                .isInstanceOf(Interruption.EarlyEnd.class);

        assertThat(page()).contains("\"running\":false", "{\"step\":[1.0],\"reward\":[");
        assertThat(folder.resolve("A/seed-1/failure.json")).doesNotExist();
        assertThat(folder.resolve("B")).doesNotExist();
    }

    /**
     * The data of the page as it is when each step ends.
     *
     * @param pause nanoseconds from event to event
     */
    private List<String> pagesAtEachStep(long pause) {
        var time = new AtomicLong();
        var pages = new ArrayList<String>();
        Training.of(TrainingTest.tiny(folder)).timedBy(time::get).run(new RunListener() {
            @Override
            public void evaluated(Name run, int step, List<Evaluation> suites) {
                time.addAndGet(pause);
            }

            @Override
            public void stepped(Name run, Trainer.Step step) {
                pages.add(page());
                time.addAndGet(pause);
            }
        });
        return pages;
    }

    private String page() {
        try {
            String page = Files.readString(folder.resolve("report.html"));
            int data = page.indexOf("id=\"data\">");
            return page.substring(data, page.indexOf("</script>", data));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
