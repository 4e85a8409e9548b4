package org.rlvr4j.run.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CurvesTest {

    private static final int MEGABYTE = 1 << 20;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void numbersOfEveryStepAreThereWithSevenDigits() throws IOException {
        Path metrics = file(
                "{\"step\":1,\"reward\":0.123456789,\"tcr\":1.23456789E-5,\"generatedResponses\":512}",
                "{\"step\":2,\"reward\":null,\"tcr\":0,\"generatedResponses\":123456789}");

        assertThat(Columns.read(metrics, 1))
                .containsExactly(
                        Map.entry("step", List.of(1.0, 2.0)),
                        Map.entry("reward", Arrays.asList(0.1234568, null)),
                        Map.entry("tcr", List.of(1.234568e-5, 0.0)),
                        Map.entry("generatedResponses", List.of(512.0, 123456789.0)));
    }

    @Test
    void pointOfSeveralStepsIsTheirMeanAtTheirLastStep() throws IOException {
        Path metrics = file(
                "{\"step\":0,\"a\":9}",
                "{\"step\":1,\"a\":1}",
                "{\"step\":2,\"a\":2}",
                "{\"step\":3,\"a\":6}",
                "{\"step\":4,\"a\":4}");

        assertThat(Columns.read(metrics, 3))
                .containsExactly(Map.entry("step", List.of(0.0, 3.0, 4.0)), Map.entry("a", List.of(9.0, 3.0, 4.0)));
    }

    @Test
    void lineThatIsBeingWrittenIsLeftOutAndAnyOtherDamageIsNamed() throws IOException {
        Path metrics = file("{\"step\":1,\"a\":1}", "{\"step\":2,\"a");
        assertThat(Columns.read(metrics, 1)).containsEntry("step", List.of(1.0));

        Files.writeString(metrics, "\n{\"step\":3,\"a\":1}\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> Columns.read(metrics, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(metrics + " is damaged in line 2: ");
    }

    @Test
    void evaluationsAreApartBySuiteAndSamples() throws IOException {
        Path file = file(
                "{\"step\":0,\"suite\":\"a\",\"samples\":1,\"avg\":0.25}",
                "{\"step\":0,\"suite\":\"b\",\"samples\":1,\"avg\":0.5}",
                "{\"step\":5,\"suite\":\"a\",\"samples\":1,\"avg\":0.75}",
                "{\"step\":5,\"suite\":\"a\",\"samples\":32,\"avg\":0.7}");

        assertThat(Columns.evaluations(file, 1))
                .extracting(suite -> suite.get("suite") + " " + suite.get("samples") + " " + suite.get("avg"))
                .containsExactly("a 1 [0.25, 0.75]", "b 1 [0.5]", "a 32 [0.7]");
    }

    @Test
    void runThatHasNotWrittenAnythingIsEmpty() {
        Path none = folder.resolve("none");
        var curves = new Curves(true, List.of(new Curves.Run("A", 1, none, none, none, none)), Map.of());

        assertThat(curves.data().json())
                .isEqualTo("{\"running\":true,\"runs\":[{\"series\":\"A\",\"seed\":1,\"steps\":{},\"evaluations\":[],"
                        + "\"samples\":[]}],\"warmUps\":[]}");
        assertThat(curves.data().notes()).isEmpty();
    }

    /** Four methods with three seeds and 10,000 steps: all of it would be 100 MB. */
    @Test
    void pageOfLongRunsStaysSmallAndSaysWhatIsLeftOut() throws IOException {
        int steps = 10_000;
        Curves.Run run = RunFiles.run(folder.resolve("long"), "GRPO", 1, steps, new SplittableRandom(1));
        var curves = new Curves(false, Collections.nCopies(12, run), Map.of());

        Curves.Data data = curves.data();

        assertThat(data.json().getBytes(StandardCharsets.UTF_8).length).isBetween(MEGABYTE, 10 * MEGABYTE);
        assertThat(data.notes())
                .containsExactly(
                        "Each point of a curve is the mean of 10 steps, so that the page stays small; metrics.jsonl has"
                                + " every step.",
                        "The page shows samples of one step in 32, so that it stays small; samples.jsonl has all.");
        JsonNode first = new JsonMapper().readTree(data.json()).path("runs").get(0);
        assertThat(first.path("steps").path("step")).hasSize(steps / 10);
        assertThat(first.path("steps").path("step").get(999).asInt()).isEqualTo(steps);
        List<Integer> sampled = IntStream.range(0, first.path("samples").size())
                .mapToObj(i -> first.path("samples").get(i))
                .filter(sample -> !sample.has("evaluation"))
                .map(sample -> sample.path("step").asInt())
                .toList();
        assertThat(sampled).startsWith(1, 33, 65).endsWith(steps).isSorted();
    }

    @Test
    void longTextsAreShortenedBetweenCharacters() throws IOException {
        String smile = "😀";
        String text = "x" + smile.repeat(SampleLines.MAX_TEXT);
        Path samples = file("{\"step\":1,\"completions\":[{\"text\":\"" + text + "\"}],\"prompt\":\"short\"}");
        var lines = new SampleLines(MEGABYTE);

        assertThat(lines.read(samples)).singleElement().satisfies(line -> {
            assertThat(line).containsEntry("prompt", "short");
            assertThat(String.valueOf(line.get("completions")))
                    .startsWith("[{text=x" + smile)
                    .endsWith(smile + " … (4002 more characters)}]");
        });
        assertThat(lines.note())
                .contains("The page shows the first 4000 characters of long texts, so that it stays small;"
                        + " samples.jsonl has all.");
    }

    private Path file(String... lines) throws IOException {
        return Files.write(folder.resolve("file.jsonl"), Stream.of(lines).toList());
    }
}
