package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlvr4j.cli.TinyRun.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that is not the one whose checkpoints are there does not go on with them, and says what differs. */
@ExtendWith(TinyStart.class)
class ResumeRefusalTest {

    private final TinyRun tiny;

    @TempDir
    private Path folder = Path.of("");

    ResumeRefusalTest(TinyRun tiny) {
        this.tiny = tiny;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        training.learningRate=1e-4 | training.learningRate 0.001 and not 1.0E-4
        training.promptsPerStep=8  | training.promptsPerStep 4 and not 8
        warmUp.steps=39            | warmUp.steps 60 and not 39
        warmUp=null                | warmUp absent and not null
        problems.seed=8            | problems.seed 7 and not 8
        methods.0.change={CLIP: DCPO}| methods.0.change {} and not absent, methods.0.change.CLIP absent and not "DCPO"
        """)
    void settingThatChangesTheResultIsRefusedByName(String setting, String difference) throws IOException {
        String before = Files.readString(tiny.finished().resolve("config.yaml"));

        assertThat(TinyRun.failure(2, tiny.warming(tiny.finished(), setting)))
                .startsWith("rlvr4j: " + checkpoint(tiny.finished(), 2) + " was made with ")
                .contains(difference, "start over with --fresh");
        assertThat(tiny.finished().resolve("config.yaml")).hasContent(before);
    }

    @Test
    void cutOfMiniBatchesMatters() {
        String script = "methods.0.preset=SCRIPT"; // one ratio per micro-batch
        Path output = folder.resolve("run");
        TinyRun.execute(tiny.arguments(output, "GSPO", script, "training.steps=1"));

        assertThat(TinyRun.failure(2, tiny.arguments(output, "GSPO", script, "training.microBatchTokens=100")))
                .contains("training.microBatchTokens 1024 and not 100");
    }

    @Test
    void runThatIsLongerAlreadyIsRefused() {
        assertThat(TinyRun.failure(2, tiny.warming(tiny.finished(), "training.steps=1")))
                .isEqualTo("rlvr4j: " + checkpoint(tiny.finished(), 2) + " is beyond the 1 steps of training.steps");
    }

    @Test
    void otherProblemsUnderTheSameNameAreRefused() throws IOException {
        Path output = folder.resolve("run");
        Path file = folder.resolve("sums.jsonl");
        String problems = "problems={from: files, training: " + file + ", heldBack: [" + file + "]}";
        Files.writeString(file, "{\"prompt\": \"1+2=\", \"answer\": 3}\n{\"prompt\": \"2+2=\", \"answer\": 4}\n");
        List<String> arguments = tiny.arguments(output, "DCPO", problems, "training.steps=1");
        TinyRun.execute(arguments);

        Files.writeString(file, "{\"prompt\": \"1+2=\", \"answer\": 3}\n{\"prompt\": \"2+3=\", \"answer\": 5}\n");

        assertThat(TinyRun.failure(2, arguments))
                .isEqualTo("rlvr4j: " + checkpoint(output, 1) + " was made with other training problems");
    }
}
