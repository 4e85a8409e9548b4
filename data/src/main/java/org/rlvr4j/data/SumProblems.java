package org.rlvr4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Generator of sums such as {@code 27+18+45=}, and of a teacher's answers to them, which are mostly guesses.
 *
 * <p>A model that learned from the teacher seldom guesses right, but sometimes works a sum out; reinforcement can make
 * it do so always.
 *
 * @param terms       number of terms in a sum
 * @param least       smallest possible term
 * @param greatest    largest possible term
 * @param workedShare share of the teacher's answers that go step by step and are right
 * @param wrongShare  share of wrong answers among the teacher's other answers, which are guesses
 * @param wrongBy     maximum error of a wrong guess; the minimum is 1
 */
public record SumProblems(int terms, int least, int greatest, double workedShare, double wrongShare, int wrongBy)
        implements ProblemTeacher {

    /** Sums of three numbers from 2 to 49; 30 % of the answers are worked out, half of the guesses are off by up to 9. */
    public static final SumProblems STANDARD = new SumProblems(3, 2, 49, 0.3, 0.5, 9);

    private static final String SOURCE = "sums";

    public SumProblems {
        require(terms >= 2, "a sum needs at least two terms, not " + terms);
        require(least >= 0 && least <= greatest, "there are no terms from " + least + " to " + greatest);
        var _ = new AnswerHabits(workedShare, wrongShare, wrongBy);
    }

    /**
     * Generates distinct sums, none of which is among {@code others}; the same seed and others give the same sums.
     *
     * @param count  number of sums
     * @param seed   seed of their terms
     * @param others problems that must not be among them
     * @throws IllegalArgumentException if there are not so many different sums
     */
    public List<Problem> generate(int count, long seed, Collection<Problem> others) {
        double possible = StrictMath.pow(greatest - least + 1, terms);
        require(
                count + others.size() <= possible,
                "there are not " + count + " more sums after " + others.size() + ", but only "
                        + (long) Math.max(0, possible - others.size()));
        var random = new SplittableRandom(seed);
        var usedIds = others.stream().map(Problem::id).collect(Collectors.toCollection(HashSet::new));
        var problems = new ArrayList<Problem>(count);
        while (problems.size() < count) {
            int[] numbers = random.ints(terms, least, greatest + 1).toArray();
            Problem problem = problem(numbers);
            if (usedIds.add(problem.id())) {
                problems.add(problem);
            }
        }
        return problems;
    }

    /**
     * The teacher's answer to a sum: {@code 27+18=45;45+45=90;\boxed{90}} if worked, a box alone if guessed.
     *
     * @param sum    generated problem
     * @param random source of the teacher's choices
     */
    @Override
    public String demonstration(Problem sum, RandomGenerator random) {
        int[] numbers = numbers(sum);
        return habits().answer(steps(numbers), IntStream.of(numbers).sum(), random);
    }

    @Override
    public List<String> longestDemonstrations(Problem sum) {
        int[] numbers = numbers(sum);
        return habits().longest(steps(numbers), IntStream.of(numbers).sum());
    }

    private AnswerHabits habits() {
        return new AnswerHabits(workedShare, wrongShare, wrongBy);
    }

    private static int[] numbers(Problem sum) {
        return Arrays.stream(sum.id().split("\\+")).mapToInt(Integer::parseInt).toArray();
    }

    private static Problem problem(int[] numbers) {
        String sum = IntStream.of(numbers).mapToObj(Integer::toString).collect(Collectors.joining("+"));
        String answer = Integer.toString(IntStream.of(numbers).sum());
        return new Problem(sum, SOURCE, List.of(new Message("user", sum + "=")), List.of(answer));
    }

    private static String steps(int[] numbers) {
        var text = new StringBuilder();
        int total = numbers[0];
        for (int i = 1; i < numbers.length; i++) {
            text.append(total).append('+').append(numbers[i]).append('=');
            total += numbers[i];
            text.append(total).append(';');
        }
        return text.toString();
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
