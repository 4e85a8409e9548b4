package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Generator;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;

class EvaluatorTest {

    private static final Problem ONE = problem("What is 0+1?", "1");
    private static final Problem TWO = problem("What is 1+1?", "2");
    private static final Suite SUITE = new Suite("counting", List.of(ONE, TWO));

    @Test
    void greedyEvaluationTakesOneCompletionPerProblem() {
        Evaluation evaluation = evaluator(EvaluatorTest::alwaysOne).greedy(SUITE, 100);

        assertThat(evaluation.suite()).isEqualTo("counting");
        assertThat(evaluation.samples()).isEqualTo(1);
        assertThat(evaluation.scores()).extracting(Score::problem).containsExactly(ONE.key(), TWO.key());
        assertThat(evaluation.scores()).extracting(Score::share).containsExactly(1.0, 0.0);
        assertThat(evaluation.avg().mean()).isEqualTo(0.5);
    }

    @Test
    void avgAtKIsTheMeanOverProblemsOfTheMeanOverSamples() {
        Evaluator evaluator = evaluator((_, sampling, sample) -> {
            assertThat(sampling).isEqualTo(new Sampling(8, 1, 0, 1, 100, 1)); // from the whole distribution
            return "\\boxed{" + sample % 4 + "}";
        });

        Evaluation evaluation = evaluator.sampled(SUITE, 8, 100, 1);

        assertThat(evaluation.scores()).extracting(Score::share).containsExactly(0.25, 0.25);
        assertThat(evaluation.avg().mean()).isEqualTo(0.25);
        assertThat(evaluation.avg().percent()).isEqualTo("25.0 (0.1 to 99.3)"); // over two problems, not 16 samples
    }

    @Test
    void unboxedAndTruncatedSharesAndMeanLengthAreOverCompletions() {
        Evaluation evaluation = evaluator((_, _, sample) -> sample == 0 ? "\\boxed{1}" : "well, ".repeat(3))
                .sampled(SUITE, 3, 18, 1);

        assertThat(evaluation.unboxedShare()).isCloseTo(2 / 3.0, offset(1e-12));
        assertThat(evaluation.truncatedShare()).isCloseTo(2 / 3.0, offset(1e-12));
        assertThat(evaluation.ungradableShare()).isZero();
        assertThat(evaluation.meanLength()).isEqualTo((9 + 18 + 18) / 3.0);
    }

    @Test
    void ungradableIsWhatTheGraderDoesNotUnderstandOrDoesNotFinish() {
        Evaluation evaluation = evaluator((_, _, sample) ->
                        List.of("\\boxed{1}", "\\boxed{1+(}", "1").get(sample))
                .sampled(SUITE, 3, 100, 1);

        assertThat(evaluation.ungradableShare()).isCloseTo(1 / 3.0, offset(1e-12));
        assertThat(evaluation.unboxedShare()).isCloseTo(1 / 3.0, offset(1e-12));
    }

    @Test
    void lengthsAreOfTheShortestThatCoverAShareOfTheCompletions() {
        Evaluation evaluation =
                evaluator((_, _, sample) -> "x".repeat(sample + 1)).sampled(SUITE, 20, 100, 1);

        assertThat(evaluation.meanLength()).isEqualTo(10.5);
        assertThat(evaluation.length(0.5)).isEqualTo(10);
        assertThat(evaluation.length(0.95)).isEqualTo(19);
        assertThat(evaluation.length(1)).isEqualTo(20);
    }

    @Test
    void problemsAreToldInOrderThoughCompletionsEndInAnother() {
        var told = new ArrayList<String>();
        Author author = (_, _, sample) -> "\\boxed{" + sample + "}";

        Evaluation reversed = reversed(author)
                .evaluate(
                        SUITE,
                        Sampling.plain(3, 100, 1),
                        List.of(),
                        (problem, completions) -> completions.forEach(graded -> told.add(
                                problem.id() + " " + graded.completion().sample() + " "
                                        + graded.verdict().correct())));

        assertThat(told)
                .containsExactly(
                        "What is 0+1? 0 false",
                        "What is 0+1? 1 true",
                        "What is 0+1? 2 false",
                        "What is 1+1? 0 false",
                        "What is 1+1? 1 false",
                        "What is 1+1? 2 true");
        assertThat(reversed).isEqualTo(evaluator(author).sampled(SUITE, 3, 100, 1));
    }

    @Test
    void problemsWhoseScoresAreKnownAreNotAskedAgain() {
        Evaluation whole = evaluator(EvaluatorTest::alwaysOne).greedy(SUITE, 100);
        var told = new ArrayList<Problem>();
        Evaluator second = evaluator((prompt, _, _) -> {
            assertThat(prompt.tokens()).isEqualTo(TWO.id().chars().toArray());
            return "\\boxed{1}";
        });

        Evaluation rest = second.evaluate(
                SUITE, Sampling.greedy(100), whole.scores().subList(0, 1), (problem, _) -> told.add(problem));

        assertThat(rest).isEqualTo(whole);
        assertThat(told).containsExactly(TWO);
    }

    @Test
    void differenceIsPairedByProblem() {
        Evaluation half = evaluator(EvaluatorTest::alwaysOne).greedy(SUITE, 100);
        Evaluation all = evaluator(
                        (prompt, _, _) -> "\\boxed{" + (prompt.id() == ONE.key().hashCode() ? 1 : 2) + "}")
                .greedy(SUITE, 100);

        Estimate difference = Evaluation.difference(List.of(all), List.of(half), Score::share);

        assertThat(difference).isEqualTo(Estimate.ofDifferences(List.of(new double[] {0, 1})));
        Evaluation other = evaluator(EvaluatorTest::alwaysOne).greedy(new Suite("counting", List.of(TWO, ONE)), 100);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Evaluation.difference(List.of(all), List.of(other), Score::share))
                .withMessage("counting and counting are not of the same problems, so they cannot be compared");
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
        assertThat(together.share()).isStrictlyBetween(0.0, 1.0);
    }

    @Test
    void promptThatLeavesNoRoomIsRefusedByNameAndLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> evaluator(EvaluatorTest::alwaysOne).greedy(SUITE, 189))
                .withMessage(
                        "problem counting/What is 0+1? has a prompt of 12 tokens, which with 189 new ones is more than"
                                + " the model's 200 positions: they leave room for 188 new ones");
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
        return evaluator(generator(author));
    }

    /** Its completions end in the opposite order. */
    private static Evaluator reversed(Author author) {
        return evaluator(new Generator() {
            @Override
            public List<List<Completion>> generate(List<Prompt> prompts, Sampling sampling) {
                return generator(author).generate(prompts, sampling);
            }

            @Override
            public void generate(List<Prompt> prompts, Sampling sampling, Consumer<Completion> ended) {
                generate(prompts, sampling).stream()
                        .flatMap(List::stream)
                        .toList()
                        .reversed()
                        .forEach(ended);
            }
        });
    }

    private static Generator generator(Author author) {
        return (prompts, sampling) -> prompts.stream()
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
    }

    private static Evaluator evaluator(Generator generator) {
        var characters = new Conversation() {
            @Override
            public int[] prompt(Problem problem) {
                return problem.id().chars().toArray();
            }

            @Override
            public String text(int[] tokens) {
                return new String(tokens, 0, tokens.length);
            }
        };
        return new Evaluator(new Answering(generator, characters, new Grader()), 200);
    }
}
