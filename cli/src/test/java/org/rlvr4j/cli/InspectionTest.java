package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.run.MachineMemory;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;

class InspectionTest {

    private static final Path CONFIG = Path.of("configs/tiny.yaml");
    private static final long PLENTY = 24_000_000_000L;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @TempDir
    private Path folder = Path.of("");

    @Test
    void checkpointIsDescribedWithWhatGenerationTakes() {
        Path checkpoint = TinyCheckpoint.write(folder, 0);

        new Inspection(new MachineMemory(PLENTY), out).checkpoint(checkpoint);

        assertThat(printed())
                .contains("QWEN2, 2 layers, hidden size 32, MLP 48, 4 heads of size 8, 2 of keys and values")
                .contains("tokens, embeddings tied, at most 64 positions")
                .containsPattern(
                        "parameters +\\d+\\.\\d\\d million: embedding .*, norms 0\\.00, attention 0\\.01, MLP 0\\.01")
                .containsPattern("on disk +F32 0\\.00 GB")
                .containsPattern("tokenizer +\\d+ tokens")
                .containsPattern("chat template +yes")
                .containsPattern("total +\\d\\.\\d\\d")
                .endsWith("the machine has 24.0 GB: fits" + System.lineSeparator());
        assertThat(printed().lines()).hasSizeLessThan(25).allMatch(line -> line.length() <= 120);
    }

    @Test
    void weightsThatTrainingWouldRefuseAreRefusedBeforeAnythingIsPrinted() throws IOException {
        Path checkpoint = TinyCheckpoint.write(folder, 0);
        Path json = checkpoint.resolve("config.json");
        Files.writeString(
                json, Files.readString(json).replace("\"intermediate_size\" : 48", "\"intermediate_size\" : 64"));
        RunConfig config =
                RunConfig.read(CONFIG, "model={from: checkpoint, path: " + checkpoint + "}", "warmUp=null");
        var inspection = new Inspection(new MachineMemory(PLENTY), out);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> inspection.training(config))
                .withMessageContaining("has shape [48, 32] where [64, 32] is expected");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inspection.checkpoint(checkpoint))
                .withMessageContaining("has shape [48, 32] where [64, 32] is expected");
        assertThat(printed()).isEmpty();
    }

    @Test
    void configurationIsDescribedWithTheTableOfItsPeak() {
        RunConfig config = tiny();

        new Inspection(new MachineMemory(PLENTY), out).training(config);

        assertThat(printed()).contains("4 layers, hidden size 128", "memory of training");
        Training.of(config).plan(RunListener.SILENT).parts().forEach((part, _) -> assertThat(printed())
                .containsPattern("(?m)^" + part + " +\\d+\\.\\d\\d$"));
    }

    @Test
    void trainingThatDoesNotFitIsRefusedInTheWordsOfTraining() {
        RunConfig config = tiny();
        var machine = new MachineMemory(100_000_000);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Inspection(machine, out).training(config))
                .satisfies(refusal -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> machine.require(Training.of(config).plan(RunListener.SILENT), config))
                        .withMessage(refusal.getMessage()));
        assertThat(printed()).contains("the machine has 0.1 GB: does not fit");
    }

    @Test
    void generationThatDoesNotFitIsRefused() {
        Path checkpoint = TinyCheckpoint.write(folder, 0);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Inspection(new MachineMemory(100_000_000), out).checkpoint(checkpoint))
                .withMessageStartingWith("generation needs ")
                .withMessageContaining("but there are only 0.1 GB; lower --max-sequences");
    }

    @Test
    void whatNoMachineHasIsExitCodeTwo() {
        var err = new StringWriter();

        int exitCode = Main.commandLine(new Main(), false)
                .setErr(new PrintWriter(err, true))
                .execute("inspect", CONFIG.toString(), "--set", "training.maxSequences=100000000");

        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString()).startsWith("rlvr4j: training needs ").contains("keys and values");
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static RunConfig tiny() {
        return RunConfig.read(CONFIG, List.of(), List.of());
    }
}
