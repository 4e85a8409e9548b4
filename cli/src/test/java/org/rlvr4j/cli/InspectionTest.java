package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
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

    private static final PrintStream SILENT = new PrintStream(PrintStream.nullOutputStream());

    @TempDir
    private Path folder = Path.of("");

    @Test
    void checkpointIsDescribedWithWhatGenerationTakes() {
        Path checkpoint = TinyCheckpoint.write(folder, 0);

        String printed = Inspection.ofCheckpoint(checkpoint).toText(new MachineMemory(PLENTY));

        assertThat(printed)
                .contains("QWEN2, 2 layers, hidden size 32, MLP 48, 4 heads of size 8, 2 of keys and values")
                .contains("tokens, embeddings tied, at most 64 positions")
                .containsPattern(
                        "parameters +\\d+\\.\\d\\d million: embedding .*, norms 0\\.00, attention 0\\.01, MLP 0\\.01")
                .containsPattern("on disk +F32 0\\.00 GB")
                .containsPattern("tokenizer +\\d+ tokens")
                .containsPattern("chat template +yes")
                .containsPattern("total +\\d\\.\\d\\d")
                .endsWith("the machine has 24.0 GB: fits\n");
        assertThat(printed.lines()).hasSizeLessThan(25).allMatch(line -> line.length() <= 120);
    }

    @Test
    void weightsThatTrainingWouldRefuseAreRefusedBeforeAnythingIsPrinted() throws IOException {
        Path checkpoint = TinyCheckpoint.write(folder, 0);
        Path json = checkpoint.resolve("config.json");
        Files.writeString(
                json, Files.readString(json).replace("\"intermediate_size\" : 48", "\"intermediate_size\" : 64"));
        RunConfig config = RunConfig.read(CONFIG, "model={from: checkpoint, path: " + checkpoint + "}", "warmUp=null");

        assertThatThrownBy(() -> Inspection.ofTraining(config, System.err))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has shape [48, 32] where [64, 32] is expected");
        assertThatThrownBy(() -> Inspection.ofCheckpoint(checkpoint))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has shape [48, 32] where [64, 32] is expected");
    }

    @Test
    void configurationIsDescribedWithTheTableOfItsPeak() {
        RunConfig config = tiny();

        String printed = Inspection.ofTraining(config, SILENT).toText(new MachineMemory(PLENTY));

        assertThat(printed)
                .contains("4 layers, hidden size 128", "memory of training", "disk of training at its peak")
                .containsPattern(
                        "0\\.\\d GB stays in the end; there is \\d+\\.\\d GB in the file system of runs/tiny: ");
        Training.of(config).plan(RunListener.SILENT).parts().forEach((part, _) -> assertThat(printed)
                .containsPattern("(?m)^" + part + " +\\d+\\.\\d\\d$"));
    }

    @Test
    void trainingThatDoesNotFitIsRefusedInTheWordsOfTraining() {
        RunConfig config = tiny();
        var machine = new MachineMemory(100_000_000);

        Inspection inspection = Inspection.ofTraining(config, SILENT);

        assertThatThrownBy(() -> inspection.requireFit(machine))
                .isInstanceOf(MachineMemory.DoesNotFitException.class)
                .satisfies(refusal -> assertThatThrownBy(
                                () -> machine.require(Training.of(config).plan(RunListener.SILENT), config))
                        .hasMessage(refusal.getMessage()));
        assertThat(inspection.toText(machine)).contains("the machine has 0.1 GB: does not fit");
    }

    @Test
    void generationThatDoesNotFitIsRefused() {
        Path checkpoint = TinyCheckpoint.write(folder, 0);

        assertThatThrownBy(() -> Inspection.ofCheckpoint(checkpoint).requireFit(new MachineMemory(100_000_000)))
                .hasMessageStartingWith("generation needs ")
                .hasMessageContaining("but there are only 0.1 GB; lower --max-sequences");
    }

    @Test
    void whatNoMachineHasIsExitCodeThree() {
        var err = new StringWriter();

        int exitCode = Main.commandLine(new Main(), false, List.of("inspect"))
                .setErr(new PrintWriter(err, true))
                .execute(
                        "inspect",
                        CONFIG.toString(),
                        "--set",
                        "training.maxSequences=100000000",
                        "--set",
                        "training.groupSize=100000000");

        assertThat(exitCode).isEqualTo(3);
        assertThat(err.toString()).startsWith("rlvr4j: training needs ").contains("keys and values");
    }

    private static RunConfig tiny() {
        return RunConfig.read(CONFIG, List.of(), List.of());
    }
}
