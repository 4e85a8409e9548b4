package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.run.config.ProblemSets;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** Configurations that {@code init} writes. */
class StartingFileTest {

    private static final Path TINY = Path.of("configs/tiny-tokenizer");
    private static final MachineMemory PLENTY = new MachineMemory(24_000_000_000L);

    @TempDir
    private Path folder;

    @Test
    void smallModelAndSumsWithoutAnything() {
        RunConfig config = parsed(text(null, null, null, PLENTY));

        assertThat(config.model()).isInstanceOf(RunConfig.Start.Random.class);
        assertThat(config.problems()).isInstanceOf(ProblemSets.Sums.class);
        assertThat(config.output()).isEqualTo(Path.of("runs/mine"));
        assertThat(config.training().recompute()).isFalse();
    }

    @Test
    void lengthsAreThoseOfTheProblemsAndOfTheModel() throws IOException {
        Path data = folder.resolve("data.jsonl");
        Files.writeString(data, """
            {"prompt": "1+1=", "answer": "2"}
            {"prompt": "10+10+10=", "answer": "30"}
            """);

        String text = text(checkpoint(), data, "number", PLENTY);

        RunConfig config = parsed(text);
        assertThat(config.training().maxPromptTokens()).isEqualTo(10); // <|im_start|> and nine signs
        assertThat(config.training().maxNewTokens()).isEqualTo(54); // of 64 positions
        assertThat(config.training().promptsPerStep()).isEqualTo(2);
        assertThat(config.training().learningRate()).isEqualTo(5e-5);
        assertThat(config.reward()).hasSize(1);
        assertThat(text).contains("# better other problems", "# of 2 problems", "the longest prompt has 10");
        assertThat(text.lines()).allMatch(line -> line.length() <= 140);
    }

    @Test
    void lessMemoryMeansAnotherWay() throws IOException {
        Path checkpoint = checkpoint();
        long needed = Training.of(parsed(text(checkpoint, null, null, PLENTY)))
                .plan(RunListener.SILENT)
                .total();
        var scarce = new MachineMemory((long) ((needed - 1) / 0.8)); // of which 0.8 may be taken

        assertThat(parsed(text(checkpoint, null, null, scarce)).training().microBatchTokens())
                .isLessThan(8192);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> text(checkpoint, null, null, new MachineMemory(1_000_000)))
                .withMessageContaining("but there are only");
    }

    @Test
    void modelThatIsNotThereIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> text(Path.of("none/such"), null, null, PLENTY))
                .withMessage("there is no checkpoint none/such");
    }

    private Path checkpoint() throws IOException {
        var shape = new ModelConfig(
                ModelConfig.Family.QWEN2, 16, 24, 1, 2, 1, 8, 1e-6, 10_000, 58, true, 64, List.of(57), null, null);
        try (var backend = new ScalarBackend();
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = Decoder.random(shape, workspace, 1)) {
            Checkpoint.save(model, folder, Safetensors.Dtype.F32);
        }
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(TINY.resolve(name), folder.resolve(name));
        }
        return folder;
    }

    private String text(@Nullable Path model, @Nullable Path data, @Nullable String reward, MachineMemory machine) {
        return new StartingFile(folder.resolve("mine.yaml"), model, data, null, reward).text(machine);
    }

    private RunConfig parsed(String text) {
        return RunConfig.parse(text, folder.resolve("mine.yaml"));
    }
}
