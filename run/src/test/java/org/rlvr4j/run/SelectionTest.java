package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Score;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.SolvedBetween;
import org.rlvr4j.run.files.Sha256;
import org.rlvr4j.run.report.MetricsFile;
import org.rlvr4j.run.report.RunFolder;

/** Training problems that are selected by how often the start solves them. */
class SelectionTest {

    @TempDir
    private Path folder = Path.of("");

    /** Takes down messages, pieces of work, and the problems of every step. */
    private static final class Diary implements RunListener {

        private final List<String> said = new ArrayList<>();
        private final Set<String> trained = new TreeSet<>();

        @Override
        public void message(String sentence) {
            said.add(sentence);
        }

        @Override
        public void began(Work work) {
            said.add(work.label());
        }

        @Override
        public void stepped(Name run, Trainer.Step step) {
            step.groups().forEach(group -> trained.add(group.problem().key()));
        }
    }

    @Test
    void onlyProblemsWithinTheBoundsAreTrainedOn() {
        Diary diary = run(tiny("a"));

        List<Selection.Line> lines = lines("a");
        Set<String> kept = lines.stream()
                .filter(line -> line.solved() >= 4 && line.solved() <= 6) // of 10, between .4 and .6
                .map(Selection.Line::problem)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(lines).hasSize(12).allSatisfy(line -> assertThat(line.kept())
                .isEqualTo(kept.contains(line.problem())));
        assertThat(kept).isNotEmpty().hasSizeLessThan(12);
        assertThat(diary.trained).isEqualTo(kept); // eight steps of four problems draw each of them
        assertThat(diary.said)
                .contains(kept.size() + " of 12 training problems are kept: the start solves them in 0.4 to 0.6 of 10"
                        + " rollouts");

        run(tiny("b"));
        run(tiny("c", "training.solvedBetween={from: 0.4, to: 0.6, rollouts: 10, seed: 2}"));

        assertThat(folder.resolve("b/start/solved.jsonl"))
                .hasSameBinaryContentAs(folder.resolve("a/start/solved.jsonl"));
        assertThat(lines("c")).isNotEqualTo(lines);
    }

    @Test
    void rolloutsAreThoseOfTheStart() {
        run(tiny("a"));

        RunConfig sampled = RunConfig.read(
                folder.resolve("a/config.yaml"),
                "output=" + folder.resolve("b"),
                "training.solvedBetween=null",
                "training.steps=1",
                "training.learningRate=1e-30",
                "evaluation.problems=TRAINING",
                "evaluation.samples=10",
                "evaluation.seed=1");
        Results results =
                Training.of(sampled).rewardedBy("luck", SelectionTest::byLuck).run(RunListener.SILENT);

        List<Score> scores = results.runs().getFirst().sampled().getFirst().scores();
        assertThat(lines("a").stream().map(Selection.Line::solved))
                .containsExactlyElementsOf(scores.stream()
                        .map(score -> (int) score.outcomes().stream()
                                .filter(outcome -> outcome.verdict().correct())
                                .count())
                        .toList());
    }

    @Test
    void selectedProblemsAreThoseOfAnEvaluationOnTheTraining() {
        Results results = Training.of(tiny("a", "evaluation.problems=TRAINING"))
                .rewardedBy("luck", SelectionTest::byLuck)
                .run(RunListener.SILENT);

        long kept = lines("a").stream().filter(Selection.Line::kept).count();
        assertThat(results.before()).singleElement().satisfies(start -> assertThat(start.suite())
                .isEqualTo("training"));
        assertThat(results.runs().getFirst().greedy())
                .singleElement()
                .satisfies(evaluation -> assertThat(evaluation.scores()).hasSize((int) kept));
        assertThat(folder.resolve("a/GRPO/seed-1").resolve(RunFolder.EVALUATIONS))
                .content()
                .contains("\"suite\":\"training\"");
    }

    @Test
    void trainingThatGoesOnKeepsItsSelection() {
        run(tiny("whole", "training.saveEverySteps=1"));
        run(tiny("parts", "training.saveEverySteps=1", "training.steps=3"));
        Diary diary = run(tiny("parts", "training.saveEverySteps=1"));

        assertThat(diary.said)
                .anySatisfy(sentence -> assertThat(sentence).contains("resumes after step 3"))
                .anySatisfy(sentence -> assertThat(sentence).contains("training problems are kept"))
                .noneSatisfy(work -> assertThat(work).startsWith("training problems"));
        for (String file : List.of("start/solved.jsonl", "GRPO/seed-1/metrics.jsonl", "results.jsonl")) {
            assertThat(Sha256.of(folder.resolve("parts").resolve(file)))
                    .isEqualTo(Sha256.of(folder.resolve("whole").resolve(file)));
        }
    }

    @Test
    void trainingThatSelectsNothingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(tiny("a"), (_, _) -> Verdict.of(false)))
                .withMessage("the start solves none of the 12 training problems in 0.4 to 0.6 of 10 rollouts: the"
                        + " least solved is solved by 0 of them, the most solved by 0; widen"
                        + " training.solvedBetween, or choose other problems");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {from: 0.5, to: 0.4}              | from and to must be from 0 to 1, from not above to, not 0.5 and 0.4
        {from: -0.1, to: 0.4}             | from and to must be from 0 to 1, from not above to, not -0.1 and 0.4
        {from: 0.5, to: 80}               | from and to must be from 0 to 1, from not above to, not 0.5 and 80.0
        {from: 0.2, to: 0.8, rollouts: 0} | rollouts must be positive, not 0
        """)
    void boundsThatCannotBeAreRefused(String bounds, String sentence) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tiny("a", "training.solvedBetween=" + bounds))
                .withMessageEndingWith("training.solvedBetween: " + sentence);
    }

    @Test
    void boundsBelongToTheRange() {
        var bounds = new SolvedBetween(0.2, 0.8, 40, 1);

        assertThat(List.of(7, 8, 20, 32, 33)).filteredOn(bounds::keeps).containsExactly(8, 20, 32);
    }

    private List<Selection.Line> lines(String output) {
        return MetricsFile.read(folder.resolve(output).resolve("start/solved.jsonl"), Selection.Line.class);
    }

    private static Diary run(RunConfig config) {
        return run(config, SelectionTest::byLuck);
    }

    private static Diary run(RunConfig config, Verifier verifier) {
        var diary = new Diary();
        Training.of(config).rewardedBy("luck", verifier).run(diary);
        return diary;
    }

    /** An untrained model is right if its tokens add up to an even number. */
    private static Verdict byLuck(Problem problem, Answer answer) {
        return Verdict.of(Arrays.stream(answer.tokens()).sum() % 2 == 0);
    }

    private RunConfig tiny(String output, String... more) {
        var settings = new ArrayList<>(List.of(
                "methods=[{name: GRPO, algorithm: GRPO, preset: PAPER, change: {}}]",
                "warmUp=null",
                "problems.training=12",
                "training.solvedBetween={from: 0.4, to: 0.6, rollouts: 10}",
                "training.steps=8",
                "training.saveEverySteps=0"));
        settings.addAll(List.of(more));
        return TrainingTest.tiny(folder.resolve(output), settings.toArray(String[]::new));
    }
}
