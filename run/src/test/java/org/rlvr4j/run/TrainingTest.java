package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DevicePlan;

/** A training run as a library: what a listener sees, and who closes what. */
class TrainingTest {

    @TempDir
    private Path folder = Path.of("");

    /** Takes down what it is told, in order. */
    private static final class Diary implements RunListener {

        private final List<String> events = new ArrayList<>();
        private final List<Trainer.Step> steps = new ArrayList<>();

        @Override
        public void planned(MemoryPlan plan, MachineMemory machine) {
            events.add("planned");
        }

        @Override
        public void began(Work work) {
            events.add("began " + work.label() + " " + work.finished() + "/" + work.total());
        }

        @Override
        public void warmedUp(int step, double loss) {
            events.add("warmed up");
        }

        @Override
        public void stepped(Name run, Trainer.Step step) {
            steps.add(step);
            events.add(run + ": step " + step.metrics().step());
        }

        @Override
        public void answered() {
            events.add("answered");
        }

        @Override
        public void evaluated(Name run, int step, List<Evaluation> suites) {
            events.add(run + ": evaluated after " + step + " by "
                    + suites.getFirst().samples());
        }

        @Override
        public void ended(Work work) {
            events.add("ended " + work.label());
        }
    }

    @Test
    void listenerSeesEveryEventInOrderAndEveryCompletion() {
        var diary = new Diary();

        Results results = Training.of(tiny()).timedBy(() -> 0).run(diary);

        assertThat(diary.events.stream().distinct())
                .containsExactly(
                        "planned",
                        "began warm-up 0/3",
                        "warmed up",
                        "ended warm-up",
                        "began before, Avg@1 0/6",
                        "answered",
                        "ended before, Avg@1",
                        "DCPO, seed 1: evaluated after 0 by 1",
                        "began DCPO, seed 1 0/2",
                        "DCPO, seed 1: step 1",
                        "DCPO, seed 1: step 2",
                        "ended DCPO, seed 1",
                        "began DCPO, seed 1, Avg@1 0/6",
                        "ended DCPO, seed 1, Avg@1",
                        "DCPO, seed 1: evaluated after 2 by 1",
                        "began DCPO, seed 1, Avg@2 0/12",
                        "ended DCPO, seed 1, Avg@2",
                        "DCPO, seed 1: evaluated after 2 by 2");
        assertThat(diary.events.stream().filter("answered"::equals)).hasSize(6 + 6 + 12);
        assertThat(diary.steps)
                .allSatisfy(step -> assertThat(step.groups()).hasSize(4).allSatisfy(group -> assertThat(
                                group.responses())
                        .hasSize(4)
                        .allSatisfy(response -> assertThat(response.reward()).isBetween(-1.0, 1.0))));
        assertThat(results.runs()).singleElement().satisfies(run -> assertThat(run.metrics())
                .isEqualTo(diary.steps.stream().map(Trainer.Step::metrics).toList()));
        assertThat(results.reportFile()).isNotEmptyFile();
    }

    @Test
    void backendThatIsHandedInStaysOpenAndGivesTheSameNumbers() {
        Results first = Training.of(tiny()).timedBy(() -> 0).run(RunListener.SILENT);

        try (Backend backend = Device.cpu()
                .open(2, DevicePlan.none(), warning -> assertThat(warning).isEmpty())) {
            for (int i = 0; i < 2; i++) {
                Results again = Training.of(tiny())
                        .on(backend)
                        .fresh(true)
                        .timedBy(() -> 0)
                        .run(RunListener.SILENT);
                assertThat(again.runs()).isEqualTo(first.runs());
            }
        }
    }

    @Test
    void resultsOfOtherSettingsAreNotReplacedInSilence() throws IOException {
        Training.of(tiny()).run(RunListener.SILENT);
        String results = Files.readString(folder.resolve("results.jsonl"));
        RunConfig other = RunConfig.read(folder.resolve("config.yaml"), "training.learningRate=1e-6");

        assertThatThrownBy(() -> Training.of(other).run(RunListener.SILENT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(folder + " has the results of a training with training.learningRate 5.0E-5 and not 1.0E-6;"
                        + " choose another output, or replace them with --fresh");
        assertThat(folder.resolve("results.jsonl")).hasContent(results);

        Training.of(other).fresh(true).run(RunListener.SILENT);
        assertThat(folder.resolve("config.yaml")).content().contains("learningRate: 1.0E-6");
    }

    private RunConfig tiny() {
        return tiny(folder);
    }

    /** A training of a model of a few thousand weights, which gives no right answer, for two steps. */
    static RunConfig tiny(Path folder, String... overrides) {
        var settings = new ArrayList<>(List.of(
                "output=" + folder,
                "methods=[{name: DCPO, algorithm: DCPO, preset: PAPER, change: {}}]",
                "seeds=[1]",
                "model.hiddenSize=16",
                "model.mlpSize=24",
                "model.layers=2",
                "model.heads=2",
                "model.keyValueHeads=1",
                "problems.training=8",
                "problems.heldBack=6",
                "problems.demonstrations=50",
                "warmUp.steps=3",
                "warmUp.batchSize=8",
                "training.steps=2",
                "training.promptsPerStep=4",
                "training.groupSize=4",
                "training.updatesPerStep=2",
                "training.maxNewTokens=8",
                "evaluation.samples=2",
                "evaluation.everySteps=0",
                "evaluation.maxNewTokens=8"));
        settings.addAll(List.of(overrides));
        return RunConfig.read(Path.of("configs/tiny.yaml"), settings.toArray(String[]::new));
    }
}
