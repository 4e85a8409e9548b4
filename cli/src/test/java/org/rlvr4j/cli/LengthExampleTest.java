package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The example that learns a length: a reward that is below 0 throughout, by adapters of a tiny model. */
@ExtendWith(TinyStart.class)
class LengthExampleTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int LENGTH = 3;

    private final TinyRun tiny;

    @TempDir
    private Path folder = Path.of("");

    LengthExampleTest(TinyRun tiny) {
        this.tiny = tiny;
    }

    @Test
    void distanceFromTheLengthFallsToAThird() throws IOException {
        String problems = IntStream.range(2, 12)
                .mapToObj(i -> "{\"prompt\": \"" + i + "+" + i + "+9=\", \"answer\": \"" + LENGTH + "\"}\n")
                .collect(Collectors.joining());
        Path file = Files.writeString(folder.resolve("lengths.jsonl"), problems);
        Path output = folder.resolve("run");

        TinyRun.execute(List.of(
                "train",
                "examples/length50.yaml",
                "--set=threads=1",
                "--set=output=" + output,
                "--set=model.path=" + tiny.start(),
                "--set=problems.training=" + file,
                "--set=problems.heldBack=[" + file + "]",
                "--set=training.steps=20",
                "--set=training.promptsPerStep=8",
                "--set=training.maxNewTokens=14",
                "--set=training.learningRate=1e-2",
                "--set=evaluation.everySteps=0"));

        List<Double> distances = Files.readAllLines(
                        TinyRun.folder(output, "GRPO").resolve("metrics.jsonl"))
                .stream()
                .map(line -> -JSON.readTree(line).get("reward/TargetLength").asDouble())
                .toList();
        assertThat(distances).hasSize(20).allMatch(distance -> distance >= 0);
        assertThat(mean(distances.subList(15, 20))).isLessThan(mean(distances.subList(0, 2)) / 3);
    }

    private static double mean(List<Double> numbers) {
        return numbers.stream().mapToDouble(number -> number).average().orElseThrow();
    }
}
