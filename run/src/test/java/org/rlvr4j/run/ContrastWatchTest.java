package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Graded;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.rl.Group;
import org.rlvr4j.rl.Response;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.rl.Trainer;

class ContrastWatchTest {

    private static final Problem PROBLEM = new Problem("1", "test", List.of(new Message("user", "1?")), List.of("1"));
    private static final List<Group> ALIKE = List.of(group(-1, -1), group(1, 1));
    private static final List<Group> ONE_CONTRAST = List.of(group(-1, -1), group(0, -1));

    private final ContrastWatch watch = new ContrastWatch();

    @TempDir
    private Path folder = Path.of("");

    @Test
    void collapseIsSaidOnceAfterThreeStepsInARow() {
        assertThat(after(1, ALIKE)).isEmpty();
        assertThat(after(2, ALIKE)).isEmpty();
        assertThat(after(3, ALIKE)).hasValueSatisfying(sentence -> assertThat(sentence)
                .startsWith("steps 1 to 3 gave every response of a group the same reward,"));
        assertThat(after(4, ALIKE)).isEmpty();
        assertThat(after(5, ONE_CONTRAST)).isEmpty();
        assertThat(after(6, ALIKE)).isEmpty();
        assertThat(after(7, ALIKE)).isEmpty();
        assertThat(after(8, ALIKE))
                .hasValueSatisfying(sentence -> assertThat(sentence).startsWith("steps 6 to 8 "));
    }

    @Test
    void oneGroupWithContrastIsNoCollapse() {
        for (int step = 1; step <= 10; step++) {
            assertThat(after(step, step % 3 == 0 ? ONE_CONTRAST : ALIKE)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1.0 | 1.0 | all are right: harder problems help, or training.solvedBetween, which leaves out what is"
                        + " solved",
                "0.5 | 0.8 | 50 % are right, each group's all or none: a larger training.groupSize or a higher"
                        + " training.temperature helps",
                "0.0 | 0.0 | none has an answer: a prompt that asks for one, a warm-up or a larger"
                        + " training.maxNewTokens helps",
                "0.0 | 1.0 | 100 % have an answer and none is right: easier problems or a warm-up help, or, if some"
                        + " were right before, an earlier checkpoint with a lower training.learningRate",
            })
    void adviceFollowsTheReason(double accuracy, double answered, String advice) {
        Optional<String> said = Optional.empty();
        for (int step = 1; step <= ContrastWatch.STEPS; step++) {
            said = watch.after(metrics(step, accuracy, answered), ALIKE);
        }

        assertThat(said)
                .hasValue("steps 1 to 3 gave every response of a group the same reward, so nothing is left to learn"
                        + " from; " + advice);
    }

    @Test
    void collapseOfATrainingIsSaidAsItHappens() {
        var events = new ArrayList<String>();

        Training.of(TrainingTest.tiny(folder, "training.steps=5"))
                .rewardedBy("never", (_, _) -> Verdict.of(false))
                .run(new RunListener() {
                    @Override
                    public void stepped(Name run, Trainer.Step step) {
                        events.add("step " + step.metrics().step());
                    }

                    @Override
                    public void warned(String sentence) {
                        events.add(sentence);
                    }
                });

        assertThat(events).hasSize(6).containsSubsequence("step 3", events.get(3), "step 4");
        assertThat(events.get(3))
                .startsWith("DCPO, seed 1: steps 1 to 3 gave every response")
                .contains("100 % have an answer and none is right");
    }

    private Optional<String> after(int step, List<Group> groups) {
        return watch.after(metrics(step, 0.5, 1), groups);
    }

    private static Group group(double... rewards) {
        var completion = new Completion(new Prompt(0, new int[] {1}), 0, new int[] {1}, new float[] {0}, false);
        var graded = new Graded(completion, "1", Verdict.of(true));
        return new Group(
                PROBLEM,
                DoubleStream.of(rewards)
                        .mapToObj(reward -> new Response(graded, reward, Map.of()))
                        .toList());
    }

    private static StepMetrics metrics(int step, double accuracy, double answered) {
        return new StepMetrics(step, 0, accuracy, answered, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0);
    }
}
