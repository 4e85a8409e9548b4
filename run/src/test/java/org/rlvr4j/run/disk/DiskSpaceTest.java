package org.rlvr4j.run.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.run.config.RunConfig;

/** Disk that runs of a model of 134.5 million weights need, which are 269 MB in bfloat16 and 538 MB in float32. */
class DiskSpaceTest {

    private static final double MB = 1e6;
    private static final double STATE = 3 * 538; // weights and two moments

    @TempDir
    private Path folder = Path.of("");

    @Test
    void warmedUpRunLeavesStartAndResultInTheStartsPrecision() {
        DiskPlan plan =
                plan("warmUp={demonstrations: examples.jsonl, steps: 60, learningRate: 2e-5}", "training.steps=30");

        assertThat(plan.left() / MB).isBetween(2 * 269.0, 600.0);
        assertThat(plan.checkpoints() / MB).isBetween(2 * STATE, 2 * STATE + 30); // the newest, and one being written
        assertThat(plan.peak() / MB).isBetween(538 + 2 * STATE + 269, 538 + 2 * STATE + 2 * 269 + 60);
    }

    @Test
    void startThatNothingChangesTakesNothing() {
        assertThat(plan().start()).isZero();
        assertThat(plan().left() / MB).isBetween(269.0, 300.0);
    }

    @Test
    void everyRunHasItsResultAndKeepsWhatItGoesOnFrom() {
        DiskPlan six = plan("seeds=[1, 2, 3]", "methods=[GRPO, DCPO]");

        assertThat(six.results() / MB).isBetween(6 * 269.0, 6 * 269 + 2.0);
        assertThat(six.checkpoints() / MB).isBetween(7 * STATE, 7 * STATE + 100);
        assertThat(six.left() / MB).isBetween(6 * 269.0, 6 * 269 + 200.0);
    }

    @Test
    void keptCheckpointsStayWithTheBest() {
        assertThat(plan("training.keepCheckpoints=2").left() / MB).isBetween(269 + 3 * STATE, 269 + 3 * STATE + 100);
        assertThat(plan("training.saveEverySteps=0").checkpoints()).isZero();
    }

    @Test
    void adaptersAreSmallAndFloat32AsAskedForIsTwiceAsLarge() {
        assertThat(plan("model.lora={}").peak() / MB).isLessThan(250);
        assertThat(plan("training.resultType=FLOAT32").results() / MB).isBetween(538.0, 540.0);
    }

    @Test
    void runThatFitsMayStart() {
        DiskPlan plan = plan();

        assertThatCode(() -> new DiskSpace(Path.of("runs/x"), 0, plan.peak()).require(plan, config()))
                .doesNotThrowAnyException();
        assertThatCode(() -> new DiskSpace(Path.of("runs/x"), 1000, plan.peak() - 1000).require(plan, config()))
                .doesNotThrowAnyException();
    }

    @Test
    void runThatDoesNotFitIsRefusedWithWhatToChange() {
        DiskPlan plan = plan();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DiskSpace(Path.of("runs/x"), 0, 2_000_000_000).require(plan, config()))
                .withMessage("training needs " + plan + " of disk in runs/x, but its file system has only 2.0 GB free:"
                        + " free some, choose another output, train adapters alone by model.lora, or set"
                        + " training.saveEverySteps to 0, after which nothing can be resumed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DiskSpace(Path.of("runs/x"), 500_000_000, 2_000_000_000)
                        .require(plan, config("training.keepCheckpoints=2")))
                .withMessageContaining(" of disk in runs/x, of which 0.5 GB are there, but")
                .withMessageContaining("choose another output, lower training.keepCheckpoints, ");
    }

    @Test
    void spaceIsThatOfTheNearestFolderAndCountsWhatIsThere() throws IOException {
        Files.write(Files.createDirectories(folder.resolve("run/deep")).resolve("file"), new byte[1234]);

        assertThat(DiskSpace.of(folder.resolve("run")).used()).isEqualTo(1234);
        DiskSpace notThere = DiskSpace.of(folder.resolve("not/there"));
        assertThat(notThere.folder()).isEqualTo(folder.resolve("not/there"));
        assertThat(notThere.used()).isZero();
        assertThat(notThere.free()).isPositive(); // how much, others may change at any moment
    }

    private DiskPlan plan(String... settings) {
        var shape = new ModelConfig(
                ModelConfig.Family.QWEN2,
                576,
                1536,
                30,
                9,
                3,
                64,
                1e-5,
                1e5,
                49152,
                true,
                8192,
                List.of(2),
                null,
                null);
        return DiskPlan.of(config(settings), shape);
    }

    private RunConfig config(String... settings) {
        Path file = folder.resolve("x.yaml");
        try {
            Files.writeString(file, """
                methods: [GRPO]
                model: { from: checkpoint, path: nowhere }
                problems: { from: files, training: train.jsonl, heldBack: [test.jsonl] }
                training: { resultType: BFLOAT16 }
                """);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return RunConfig.read(file, settings);
    }
}
