package org.rlvr4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Generator of word problems of two or three steps, and of a teacher's answers to them. Problems of {@link Patterns#NEW} tell
 * what was learned from what is remembered: their stories are in no problem of {@link Patterns#KNOWN}.
 *
 * @param workedShare share of the teacher's answers that go step by step and are right
 * @param wrongShare  share of wrong answers among the teacher's other answers, which are guesses
 * @param wrongBy     maximum error of a wrong guess; the minimum is 1
 */
public record WordProblems(double workedShare, double wrongShare, int wrongBy) implements ProblemTeacher {

    /** A teacher who works every answer out. */
    public static final WordProblems STANDARD = new WordProblems(1, 0, 1);

    private static final String SOURCE = "words";
    private static final int MOST_REPEATS = 10_000; // draws in a row that give no new problem

    private static final List<String> NAMES =
            List.of("Tom", "Ann", "Ben", "Mia", "Leo", "Eva", "Sam", "Ida", "Max", "Zoe", "Jan", "Lily");

    private static final List<String> THINGS =
            List.of("apple", "pencil", "marble", "sticker", "cookie", "stone", "card", "shell", "button", "lemon");

    /** Patterns that problems are made of. */
    public enum Patterns {
        /** Patterns that are trained on. */
        KNOWN,
        /** Patterns that are never trained on. */
        NEW;

        List<WordPattern> all() {
            return this == KNOWN ? WordPatterns.KNOWN : WordPatterns.NEW;
        }
    }

    public WordProblems {
        var _ = new AnswerHabits(workedShare, wrongShare, wrongBy);
    }

    /**
     * Generates distinct problems, the same number of each pattern, or one more. Problems that differ only in names and things
     * are not distinct. The same seed and others give the same problems.
     *
     * @param patterns patterns of the problems
     * @param count    number of problems
     * @param seed     seed of their amounts, names and things
     * @param others   problems that must not be among them
     * @throws IllegalArgumentException if there are not so many different problems
     */
    public List<Problem> generate(Patterns patterns, int count, long seed, Collection<Problem> others) {
        var random = new SplittableRandom(seed);
        var usedIds = others.stream().map(Problem::id).collect(Collectors.toCollection(HashSet::new));
        var problems = new ArrayList<Problem>(count);
        int repeats = 0;
        while (problems.size() < count) {
            WordPattern pattern =
                    patterns.all().get(problems.size() % patterns.all().size());
            Map<String, Integer> amounts = pattern.draw(random);
            Problem problem = problem(pattern, amounts, random);
            if (usedIds.add(problem.id())) {
                problems.add(problem);
                repeats = 0;
            } else if (++repeats == MOST_REPEATS) {
                throw new IllegalArgumentException("there are not " + count + " more word problems after "
                        + others.size() + ": the pattern \"" + pattern.name() + "\" has no other amounts");
            }
        }
        return problems;
    }

    private static Problem problem(WordPattern pattern, Map<String, Integer> amounts, RandomGenerator random) {
        var names = new ArrayList<>(NAMES);
        Collections.shuffle(names, random);
        String text = pattern.fill(amounts, names, THINGS.get(random.nextInt(THINGS.size())));
        String id = amounts.entrySet().stream()
                .map(Map.Entry::toString)
                .collect(Collectors.joining(",", pattern.name() + ":", ""));
        String answer = Integer.toString(pattern.solve(amounts).answer());
        return new Problem(id, SOURCE, List.of(new Message("user", text)), List.of(answer));
    }

    /**
     * The teacher's answer to a problem: {@code 3 * 4 = 12. 12 - 5 = 7. \boxed{7}} if worked, a box alone if guessed.
     *
     * @param problem generated problem
     * @param random  source of the teacher's choices
     */
    @Override
    public String demonstration(Problem problem, RandomGenerator random) {
        WordPattern.Solution solution = solution(problem);
        return habits().answer(solution.steps(), solution.answer(), random);
    }

    @Override
    public List<String> longestDemonstrations(Problem problem) {
        WordPattern.Solution solution = solution(problem);
        return habits().longest(solution.steps(), solution.answer());
    }

    private AnswerHabits habits() {
        return new AnswerHabits(workedShare, wrongShare, wrongBy);
    }

    private static WordPattern.Solution solution(Problem problem) {
        String[] parts = problem.id().split(":", -1);
        WordPattern pattern = Stream.of(Patterns.values())
                .flatMap(patterns -> patterns.all().stream())
                .filter(candidate -> candidate.name().equals(parts[0]))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(problem.key() + " is not a generated word problem"));
        return pattern.solve(Arrays.stream(parts[1].split(",", -1))
                .map(amount -> amount.split("=", -1))
                .collect(Collectors.toMap(amount -> amount[0], amount -> Integer.valueOf(amount[1]))));
    }
}
