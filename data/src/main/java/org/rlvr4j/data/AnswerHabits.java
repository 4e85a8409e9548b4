package org.rlvr4j.data;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Habits of a teacher, who works some answers out and guesses the others.
 *
 * @param workedShare share of the answers that go step by step and are right
 * @param wrongShare  share of wrong answers among the others, which are guesses
 * @param wrongBy     maximum error of a wrong guess; the minimum is 1
 */
record AnswerHabits(double workedShare, double wrongShare, int wrongBy) {

    AnswerHabits {
        require(workedShare >= 0 && workedShare <= 1, "workedShare must be from 0 to 1, not " + workedShare);
        require(wrongShare >= 0 && wrongShare <= 1, "wrongShare must be from 0 to 1, not " + wrongShare);
        require(wrongBy >= 1, "wrongBy must be at least 1, not " + wrongBy);
    }

    /**
     * One answer: the steps and the box, or a box alone.
     *
     * @param steps  the steps as text
     * @param answer the right answer
     * @param random source of the choices
     */
    String answer(String steps, int answer, RandomGenerator random) {
        if (random.nextDouble() < workedShare) {
            return steps + boxed(answer);
        }
        if (random.nextDouble() < wrongShare) {
            int offset = random.nextInt(1, wrongBy + 1);
            return boxed(random.nextBoolean() ? answer + offset : answer - offset);
        }
        return boxed(answer);
    }

    /** The longest answers, one for each way of answering. */
    List<String> longest(String steps, int answer) {
        var longest = new ArrayList<String>();
        if (workedShare > 0) {
            longest.add(steps + boxed(answer));
        }
        if (workedShare < 1) {
            longest.add(boxed(answer));
            longest.add(boxed(answer - wrongBy));
            longest.add(boxed(answer + wrongBy));
        }
        return longest;
    }

    private static String boxed(int answer) {
        return "\\boxed{" + answer + "}";
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
