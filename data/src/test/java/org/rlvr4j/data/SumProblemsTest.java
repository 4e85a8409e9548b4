package org.rlvr4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SumProblemsTest {

    private static final SumProblems SUMS = SumProblems.STANDARD;

    @Test
    void problemAsksForTheSumOfItsTermsInOneUserTurn() {
        assertThat(SUMS.generate(500, 1, List.of())).allSatisfy(problem -> {
            assertThat(problem.prompt()).containsExactly(new Message("user", problem.id() + "="));
            List<Integer> terms =
                    Stream.of(problem.id().split("\\+")).map(Integer::valueOf).toList();
            assertThat(terms).hasSize(3).allSatisfy(term -> assertThat(term).isBetween(2, 49));
            int sum = terms.stream().mapToInt(Integer::intValue).sum();
            assertThat(problem.answers()).containsExactly(Integer.toString(sum));
        });
    }

    @Test
    void problemsAreDistinctAndDisjointFromOthers() {
        var tiny = new SumProblems(2, 1, 10, 0, 0, 1);
        List<Problem> training = tiny.generate(60, 1, List.of());

        List<Problem> rest = tiny.generate(40, 2, training);

        assertThat(Stream.concat(training.stream(), rest.stream()).distinct()).hasSize(100);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tiny.generate(41, 2, training))
                .withMessage("there are not 41 more sums after 60, but only 40");
    }

    @Test
    void sameSeedGivesTheSameProblems() {
        assertThat(SUMS.generate(20, 7, List.of()))
                .isEqualTo(SUMS.generate(20, 7, List.of()))
                .isNotEqualTo(SUMS.generate(20, 8, List.of()));
    }

    @Test
    void workedAnswerGoesStepByStepToTheBox() {
        var alwaysWorks = new SumProblems(3, 2, 49, 1, 0, 1);
        var sum = new Problem("27+18+45", "sums", List.of(new Message("user", "27+18+45=")), List.of("90"));

        assertThat(alwaysWorks.demonstration(sum, new SplittableRandom(1))).isEqualTo("27+18=45;45+45=90;\\boxed{90}");
    }

    @Test
    void teacherWorksThirtyPercentOutAndHalfOfTheGuessesAreWrongByAtMostNine() {
        Problem sum = SUMS.generate(1, 1, List.of()).getFirst();
        int answer = Integer.parseInt(sum.answers().getFirst());
        var random = new SplittableRandom(2);
        int worked = 0;
        int right = 0;
        for (int i = 0; i < 10_000; i++) {
            String text = SUMS.demonstration(sum, random);
            int boxed = Integer.parseInt(text.substring(text.indexOf('{') + 1, text.length() - 1));
            assertThat(boxed).isBetween(answer - 9, answer + 9);
            worked += text.startsWith("\\boxed") ? 0 : 1;
            right += boxed == answer ? 1 : 0;
        }

        // Standard deviations of the two shares are .0046 and .0048.
        assertThat(worked / 1e4).isCloseTo(0.3, offset(0.02));
        assertThat(right / 1e4).isCloseTo(0.3 + 0.7 / 2, offset(0.02));
    }

    @Test
    void noDemonstrationIsLongerThanTheLongest() {
        for (double workedShare : new double[] {0, 0.3, 1}) {
            var sums = new SumProblems(2, 1, 9, workedShare, 0.5, 99);
            Problem sum = sums.generate(1, 1, List.of()).getFirst();
            var random = new SplittableRandom(3);
            int longest = 0;
            for (int i = 0; i < 1_000; i++) {
                longest = Math.max(longest, sums.demonstration(sum, random).length());
            }

            assertThat(sums.longestDemonstrations(sum).stream()
                            .mapToInt(String::length)
                            .max())
                    .hasValue(longest);
        }
    }

    @Test
    void senselessParametersAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SumProblems(1, 2, 49, 0.3, 0.5, 9))
                .withMessage("a sum needs at least two terms, not 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SumProblems(3, 2, 49, 1.3, 0.5, 9))
                .withMessage("workedShare must be from 0 to 1, not 1.3");
    }
}
