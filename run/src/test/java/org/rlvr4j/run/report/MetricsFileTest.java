package org.rlvr4j.run.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsFileTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void eachStepIsOneLineInTheOrderGiven() throws IOException {
        Path file = folder.resolve("new/metrics.jsonl");
        var step = new LinkedHashMap<String, Object>();
        step.put("step", 1);
        step.put("reward", 0.1 + 0.2);
        step.put("entropy", 1e-7);
        step.put("accuracy", 0.5f);
        step.put("klDivergence", Double.NaN);
        step.put("ratio", Float.POSITIVE_INFINITY);
        step.put("method", "dcpo");

        try (var metrics = new MetricsFile(file)) {
            metrics.write(step);
            metrics.write(Map.of("step", 2));
        }

        assertThat(file).hasContent("""
            {"step":1,"reward":0.30000000000000004,"entropy":1.0E-7,"accuracy":0.5,"klDivergence":null,"ratio":null,"method":"dcpo"}
            {"step":2}
            """);
    }

    @Test
    void lineIsInTheFileAtOnce() {
        Path file = folder.resolve("metrics.jsonl");
        try (var metrics = new MetricsFile(file)) {
            metrics.write(Map.of("step", 1));

            assertThat(file).hasContent("{\"step\":1}\n");
        }
    }

    @Test
    void resumedRunGoesOnWithItsFile() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        Files.writeString(file, "{\"step\":1}\n{\"step\":2}\n");

        try (var metrics = MetricsFile.append(file)) {
            metrics.write(Map.of("step", 3));
        }

        assertThat(Files.readString(file)).isEqualTo("{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n");
    }

    private record Step(int step, double loss) {}

    @Test
    void whatWasWrittenIsReadToTheLastBit() {
        Path file = folder.resolve("metrics.jsonl");
        try (var metrics = new MetricsFile(file)) {
            metrics.write(Map.of("step", 1, "loss", 0.1 + 0.2, "traffic", 7));
            metrics.write(Map.of("step", 2, "loss", Double.NaN));
        }

        assertThat(MetricsFile.read(file, Step.class)).containsExactly(new Step(1, 0.1 + 0.2), new Step(2, Double.NaN));
    }

    @Test
    void numberThatAnEarlierVersionDidNotWriteIsUnknown() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        Files.writeString(file, "{\"step\":1}\n");

        assertThat(MetricsFile.read(file, Step.class)).containsExactly(new Step(1, Double.NaN));
    }

    @Test
    void lineThatIsCutIsAnError() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        Files.writeString(file, "{\"step\":1,\"loss\":0.5}\n{\"st");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> MetricsFile.read(file, Step.class))
                .withMessageStartingWith(file + " is damaged: ");
    }

    @Test
    void fileThatCannotBeWrittenIsNamed() {
        assertThatThrownBy(() -> new MetricsFile(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("cannot write " + folder);
    }
}
