package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.eval.Score.Vote;
import org.rlvr4j.eval.Verdict.Stage;
import org.rlvr4j.eval.grader.Grader;

class ScoreTest {

    private static final String TRUTH = "1";

    private final Grader grader = new Grader();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void passAtKIsTheShareOfTheSubsetsWithARightAnswer(long seed) {
        List<String> answers = random(seed);
        Score score = score(answers);

        for (int k = 1; k <= answers.size(); k++) {
            assertThat(score.passAt(k))
                    .as("k = " + k)
                    .isCloseTo(overSubsets(answers, k, drawn -> drawn.contains(TRUTH) ? 1 : 0), offset(1e-12));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void majAtKIsTheShareOfTheSubsetsThatElectARightAnswer(long seed) {
        List<String> answers = random(seed);
        Score score = score(answers);

        for (int k = 1; k <= answers.size(); k++) {
            assertThat(score.majAt(k))
                    .as("k = " + k)
                    .isCloseTo(overSubsets(answers, k, ScoreTest::elected), offset(1e-12));
        }
    }

    @Test
    void oneCompletionIsItsOwnMajority() {
        Score score = score(List.of("1", "2", "", "1", "3"));

        assertThat(score.passAt(1)).isCloseTo(score.share(), offset(1e-12)).isCloseTo(0.4, offset(1e-12));
        assertThat(score.majAt(1)).isCloseTo(0.4, offset(1e-12));
    }

    @Test
    void allCompletionsTogetherElectTheGreatestGroup() {
        assertThat(score(List.of("1", "2", "1", "3")).majAt(4)).isEqualTo(1);
        assertThat(score(List.of("2", "2", "1", "3")).majAt(4)).isZero();
        assertThat(score(List.of("1", "2", "1", "2")).majAt(4)).isEqualTo(0.5); // as often the one as the other
        assertThat(score(List.of("", "", "", "1")).majAt(4)).isEqualTo(1); // only one has voted
        assertThat(score(List.of("", "")).majAt(2)).isZero();
    }

    @Test
    void answersThatTheGraderTakesForTheSameVoteTogether() {
        Score score = score(List.of("2", "1/2", "0.5", "\\frac{2}{4}", "2.0"), "0.50");

        assertThat(score.votes()).containsExactly(new Vote(2, false), new Vote(3, true));
        assertThat(score.majAt(5)).isEqualTo(1);
    }

    @Test
    void candidatesAreNumberedAsTheyAppear() {
        List<Verdict> verdicts =
                List.of(Verdict.of(false, "a"), Verdict.unanswered(), Verdict.of(true, "b"), Verdict.of(false, "a"));
        List<Outcome> outcomes =
                verdicts.stream().map(verdict -> new Outcome(verdict, 1, false)).toList();
        Verifier literal = (_, _) -> Verdict.unanswered();

        int[] candidates = Score.candidates(verdicts, literal);

        assertThat(candidates).containsExactly(0, Score.NO_VOTE, 1, 0);
        assertThat(Score.of("p", outcomes, candidates)).isEqualTo(Score.of("p", outcomes, literal));
        assertThat(Score.of("p", outcomes, candidates).votes())
                .containsExactly(new Score.Vote(2, false), new Score.Vote(1, true));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Score.of("p", outcomes, new int[] {0, 2, 1, 0}))
                .withMessage("a completion of p votes for candidate 2, but there are only 1 before it");
    }

    @Test
    void thirtyTwoSamplesAreNoTroubleForAnyK() {
        var answers = new ArrayList<String>();
        for (int i = 0; i < 32; i++) {
            answers.add(i < 12 ? TRUTH : String.valueOf(2 + i % 5));
        }
        Score score = score(answers);

        assertThat(score.majAt(1)).isCloseTo(12 / 32.0, offset(1e-12));
        assertThat(score.majAt(32)).isEqualTo(1);
        assertThat(score.majAt(8)).isBetween(score.majAt(4), score.majAt(16));
        assertThat(score.passAt(32)).isEqualTo(1);
    }

    /** Three to twelve answers, of which the empty one is none. */
    private static List<String> random(long seed) {
        var random = new SplittableRandom(seed);
        int count = random.nextInt(3, 13);
        var answers = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            answers.add(List.of("", "1", "2", "3", "1").get(random.nextInt(5)));
        }
        return answers;
    }

    /** The mean over all choices of k answers. */
    private static double overSubsets(List<String> answers, int k, ToDoubleFunction<List<String>> value) {
        double sum = 0;
        int subsets = 0;
        for (int chosen = 0; chosen < 1 << answers.size(); chosen++) {
            if (Integer.bitCount(chosen) == k) {
                var drawn = new ArrayList<String>();
                for (int i = 0; i < answers.size(); i++) {
                    if ((chosen >> i & 1) == 1) {
                        drawn.add(answers.get(i));
                    }
                }
                sum += value.applyAsDouble(drawn);
                subsets++;
            }
        }
        return sum / subsets;
    }

    /** The chance that the truth wins, if the most frequent answers draw lots. */
    private static double elected(List<String> drawn) {
        long most = 0;
        int tied = 0;
        boolean truth = false;
        for (String candidate : List.of("1", "2", "3")) {
            long votes = drawn.stream().filter(candidate::equals).count();
            if (votes > most) {
                most = votes;
                tied = 0;
                truth = false;
            }
            if (votes == most && votes > 0) {
                tied++;
                truth |= candidate.equals(TRUTH);
            }
        }
        return truth ? 1.0 / tied : 0;
    }

    private Score score(List<String> answers) {
        return score(answers, TRUTH);
    }

    private Score score(List<String> answers, String truth) {
        return Score.of(
                "problem",
                answers.stream()
                        .map(answer -> answer.isEmpty()
                                ? Verdict.of(Stage.UNBOXED, Optional.empty())
                                : grader.grade("\\boxed{" + answer + "}", List.of(truth)))
                        .map(verdict -> new Outcome(verdict, 3, false))
                        .toList(),
                grader);
    }
}
