package org.rlvr4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.eval.PromptSettings;
import org.rlvr4j.run.Device;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.config.CacheType;
import org.rlvr4j.run.evaluation.Drawing;
import org.rlvr4j.run.evaluation.EvaluationRun;
import org.rlvr4j.run.evaluation.ModelChoice;
import org.rlvr4j.run.evaluation.ProtocolChoice;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DevicePlan;

/** Trainings on executors, which are processes of their own, beside the same ones in this process: the same bytes. */
class FleetTest {

    /** The four methods, one with a reference policy, and one whose gate looks at a whole mini-batch. */
    private static final String METHODS =
            "methods=[GRPO, DAPO, GSPO, DCPO, {name: KL, algorithm: GRPO, change: {KL: {kind: K3, coefficient:"
                    + " 0.05}}}, KL_COV]";

    private static final String OPTIONS = "spark.executor.extraJavaOptions";

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void home() {
        Runs.home();
    }

    @AfterEach
    void plainSettings() {
        List.of(Fleet.COLLECTED, OPTIONS).forEach(System::clearProperty);
    }

    @Test
    void oneToThreeExecutorsMakeTheBytesOfOneProcess() {
        Runs runs = Runs.tiny(folder, METHODS);
        var here = runs.digests("here", null);

        assertThat(here).hasSizeGreaterThan(20);
        assertThat(runs.digests("one", Runs.executors(1))).isEqualTo(here);
        assertThat(runs.digests("two", Runs.executors(2))).isEqualTo(here);

        System.setProperty(Fleet.COLLECTED, "0"); // gradients are added on the executors
        System.setProperty(OPTIONS, "-XX:MaxVectorSize=16"); // whose vectors are narrower than this process's
        assertThat(runs.digests("three", Runs.executors(3))).isEqualTo(here);
    }

    @Test
    void executorsTrainAdaptersAsOneProcess() {
        Runs.tiny(folder, "methods=[GRPO]").digests("start", null);
        Runs runs = Runs.tiny(
                folder,
                "methods=[{name: DCPO, algorithm: DCPO, change: {KL: {kind: K3, coefficient: 0.05}}}]",
                "model={from: checkpoint, path: " + folder.resolve("start/GRPO/seed-1/checkpoint")
                        + ", lora: {rank: 4}}",
                "warmUp=null",
                "training.cacheType=BFLOAT16"); // old log-probabilities are computed after the rollout

        assertThat(runs.digests("there", Runs.executors(2)))
                .isEqualTo(runs.digests("here", null))
                .hasSizeGreaterThan(5);
    }

    @Test
    void executorsAnswerProblemsAsOneProcess() throws IOException {
        Runs.tiny(folder, "methods=[GRPO]").digests("start", null);

        evaluate("here", null);
        evaluate("there", Runs.executors(2));

        assertThat(folder.resolve("there/completions.jsonl"))
                .hasSameBinaryContentAs(folder.resolve("here/completions.jsonl"));
    }

    private void evaluate(String output, @Nullable String workers) throws IOException {
        Path problems = folder.resolve("problems.jsonl");
        Files.writeString(
                problems,
                IntStream.range(2, 12).mapToObj(i -> """
                    {"prompt": "%d + 5", "answer": "%d"}
                    """.formatted(i, i + 5)).collect(Collectors.joining()));
        var model = new ModelChoice(
                folder.resolve("start/GRPO/seed-1/checkpoint"),
                null,
                folder.resolve("start/GRPO/seed-1/checkpoint"),
                8,
                16,
                CacheType.FLOAT32,
                1,
                PromptSettings.NONE);
        var drawing = new Drawing(4, null, 1, 0, 1);
        var evaluation = new EvaluationRun(
                model, List.of(problems), ProtocolChoice.OF_SUITES, drawing, 10, folder.resolve(output));
        try (Backend backend = Device.cpu().open(1, DevicePlan.none(), _ -> {})) {
            evaluation.run(backend, workers, RunListener.SILENT);
        }
    }
}
