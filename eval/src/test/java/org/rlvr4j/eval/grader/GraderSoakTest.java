package org.rlvr4j.eval.grader;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.rlvr4j.eval.grader.Grader.Finding;
import org.rlvr4j.eval.grader.PairGenerator.Pair;

/**
 * Many pairs of answers made by chance; {@code -Drlvr4j.pairs=1000000} makes a million of each kind.
 *
 * <p>Each test ends with a line that says how many there were, how many verdicts were wrong, and how long the slowest and
 * the 99th of a hundred took in CPU time of the thread.
 */
class GraderSoakTest {

    private static final int PAIRS = Integer.getInteger("rlvr4j.pairs", 20_000);
    private static final long LONG = 500_000; // ns
    private static final Pattern LETTER_UNIT = Pattern.compile("\\d[^\\w+*-]*[mshgLl](?![A-Za-z])");
    private static final Pattern TIME = Pattern.compile("(?<!\\d)(?:[01]?\\d|2[0-4])\\W*:\\W*[0-5]\\d(?!\\d)");
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final long[] nanos = new long[PAIRS];
    private String slowest = "";
    private long most;
    private long mostSteps;

    @Test
    void pairsEqualOrUnequalByConstructionAreFoundToBe() {
        var generator = new PairGenerator(20_250_901);
        List<Pair> wrong = new ArrayList<>();
        for (int i = 0; i < PAIRS; i++) {
            Pair pair = generator.next();
            Finding finding = timed(i, pair.first(), pair.second());
            if (finding.stage().isCorrect() != pair.equal()) {
                wrong.add(pair);
            }
        }
        summary("pairs", wrong.size());

        assertThat(wrong).isEmpty();
    }

    @Test
    void mutatedAnswersAreGradedAlikeInBothOrdersWithinTheLimitOfSteps() {
        var generator = new AnswerMutator(7);
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < PAIRS; i++) {
            String answer = generator.next();
            String truth = generator.next();
            Finding finding = timed(i, answer, truth);
            boolean symmetric =
                    orderMatters(answer, truth) || Grader.compare(truth, answer).stage() == finding.stage();
            boolean reflexive = answer.isBlank()
                    || Grader.compare(answer, answer + " ").stage().isCorrect();
            if (!symmetric || !reflexive || finding.steps() > Work.LIMIT) {
                wrong.add(answer + " | " + truth + " " + finding);
            }
        }
        summary("mutated pairs", wrong.size());

        assertThat(wrong).isEmpty();
    }

    /**
     * Whether it may matter which of two answers is the accepted one: for {@code 6m} and 6, where letters that may be a unit
     * follow a number, and for {@code 1:10} and {@code 6:60}, if one of two ratios may be a time of day.
     */
    private static boolean orderMatters(String answer, String truth) {
        boolean ratios = answer.contains(":") && truth.contains(":");
        return hasLettersLikeUnits(answer)
                || hasLettersLikeUnits(truth)
                || (ratios
                        && (TIME.matcher(answer).find() || TIME.matcher(truth).find()));
    }

    private static boolean hasLettersLikeUnits(String text) {
        return LETTER_UNIT.matcher(text).find() || Words.hasLettersLikeUnits(Lexer.tokens(text, true));
    }

    /** A pair that takes long is graded three times, and its shortest time counts: the others hold the machine's own work. */
    private Finding timed(int i, String answer, String truth) {
        long start = THREADS.getCurrentThreadCpuTime();
        Finding finding = Grader.compare(answer, truth);
        nanos[i] = THREADS.getCurrentThreadCpuTime() - start;
        for (int repeat = 1; repeat < 3 && nanos[i] > LONG; repeat++) {
            start = THREADS.getCurrentThreadCpuTime();
            Grader.compare(answer, truth);
            nanos[i] = Math.min(nanos[i], THREADS.getCurrentThreadCpuTime() - start);
        }
        mostSteps = Math.max(mostSteps, finding.steps());
        if (i >= PAIRS / 10 && nanos[i] > most) {
            most = nanos[i];
            slowest = answer + " | " + truth;
        }
        return finding;
    }

    /** The first tenth, in which the code is compiled, is not timed. */
    private void summary(String what, int wrong) {
        long[] warm = Arrays.copyOfRange(nanos, PAIRS / 10, PAIRS);
        Arrays.sort(warm);
        System.out.printf(
                Locale.ROOT,
                "Grader: %,d %s, %d wrong; median %.1f us, p99 %.1f us, slowest %.1f us, most steps %,d (%s)%n",
                PAIRS,
                what,
                wrong,
                warm[warm.length / 2] / 1e3,
                warm[(int) (warm.length * 0.99)] / 1e3,
                warm[warm.length - 1] / 1e3,
                mostSteps,
                slowest.codePoints()
                        .limit(160)
                        .mapToObj(c -> c < 32 ? "?" : Character.toString(c))
                        .collect(java.util.stream.Collectors.joining()));
    }
}
