package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Evaluation.Score;
import org.rlvr4j.model.Completion;
import org.rlvr4j.model.Generator;
import org.rlvr4j.model.Prompt;
import org.rlvr4j.model.Sampling;

class EvaluatorTest {

    private static final Problem ONE = problem("What is 0+1?", "1");
    private static final Problem TWO = problem("What is 1+1?", "2");
    private static final Suite SUITE = new Suite("counting", List.of(ONE, TWO));

    @Test
    void greedyEvaluationTakesOneCompletionPerProblem() {
        Evaluation evaluation = evaluator(EvaluatorTest::alwaysOne).greedy(SUITE, 100);

        assertThat(evaluation)
                .isEqualTo(new Evaluation(
                        "counting", 1, List.of(new Score(ONE.key(), 1, 0, 0, 9), new Score(TWO.key(), 0, 0, 0, 9))));
        assertThat(evaluation.avg().mean()).isEqualTo(0.5);
    }

    @Test
    void avgAtKIsTheMeanOverProblemsOfTheMeanOverSamples() {
        Evaluator evaluator = evaluator((_, sampling, sample) -> {
            assertThat(sampling).isEqualTo(new Sampling(8, 1, 0, 1, 100, 1)); // from the whole distribution
            return "\\boxed{" + sample % 4 + "}";
        });

        Evaluation evaluation = evaluator.sampled(SUITE, 8, 100, 1);

        assertThat(evaluation.scores()).extracting(Score::correct).containsExactly(2, 2);
        assertThat(evaluation.avg().mean()).isEqualTo(0.25);
        assertThat(evaluation.avg().count()).isEqualTo(2); // the interval is over problems
    }

    @Test
    void unboxedAndTruncatedSharesAndMeanLengthAreOverCompletions() {
        Evaluation evaluation = evaluator((_, _, sample) -> sample == 0 ? "\\boxed{1}" : "well, ".repeat(3))
                .sampled(SUITE, 3, 18, 1);

        assertThat(evaluation.unboxedShare()).isCloseTo(2 / 3.0, offset(1e-12));
        assertThat(evaluation.truncatedShare()).isCloseTo(2 / 3.0, offset(1e-12));
        assertThat(evaluation.meanLength()).isEqualTo((9 + 18 + 18) / 3.0);
    }

    @Test
    void scoreOfAProblemDoesNotDependOnTheOthers() {
        Evaluator evaluator = evaluator((prompt, sampling, sample) -> {
            var random = new SplittableRandom(31 * (31 * sampling.seed() + prompt.id()) + sample);
            return "\\boxed{" + random.nextInt(1, 3) + "}";
        });

        Score together = evaluator.sampled(SUITE, 32, 100, 7).scores().getLast();
        Score alone = evaluator
                .sampled(new Suite("two", List.of(TWO)), 32, 100, 7)
                .scores()
                .getFirst();

        assertThat(together).isEqualTo(alone);
        assertThat(together.correct()).isBetween(1, 31);
    }

    @Test
    void promptThatLeavesNoRoomIsRefusedByNameAndLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> evaluator(EvaluatorTest::alwaysOne).greedy(SUITE, 189))
                .withMessage(
                        "problem counting/What is 0+1? has a prompt of 12 tokens, which with 189 new ones is more than"
                                + " the model's 200");
    }

    private static String alwaysOne(Prompt prompt, Sampling sampling, int sample) {
        assertThat(sampling.temperature()).isZero();
        return "\\boxed{1}";
    }

    private static Problem problem(String question, String answer) {
        return new Problem(question, "counting", List.of(new Message("user", question)), List.of(answer));
    }

    /** What a fake model writes; its tokens are characters. */
    @FunctionalInterface
    private interface Author {
        String write(Prompt prompt, Sampling sampling, int sample);
    }

    private static Evaluator evaluator(Author author) {
        Generator generator = (prompts, sampling) -> prompts.stream()
                .map(prompt -> IntStream.range(0, sampling.samples())
                        .mapToObj(sample -> {
                            int[] tokens = author.write(prompt, sampling, sample)
                                    .chars()
                                    .toArray();
                            boolean truncated = tokens.length >= sampling.maxNewTokens();
                            return new Completion(prompt, sample, tokens, new float[tokens.length], truncated);
                        })
                        .toList())
                .toList();
        return new Evaluator(
                generator,
                problem -> problem.id().chars().toArray(),
                tokens -> new String(tokens, 0, tokens.length),
                new Grader(),
                200);
    }
}
