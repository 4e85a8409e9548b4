package org.rlvr4j.eval.reward;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.exception.MathArithmeticException;
import org.apache.commons.math3.fraction.BigFraction;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.model.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Verifier of the game Countdown: the answer must be a calculation with {@code + - * / ( )} that uses each given number once
 * and has the value of the target, in exact arithmetic.
 *
 * <p>The answer stands in the last {@code <answer>...</answer>} of a response, or else in its last {@code \boxed{...}}; it may
 * end in {@code = target}. Target and numbers are the columns {@code target} and {@code nums} or {@code numbers} of the
 * problem, or those of its answer as JSON, {@code {"target": 24, "numbers": [4, 6]}}, as in verl's layout.
 *
 * @see <a href="https://github.com/Jiayi-Pan/TinyZero">TinyZero</a>
 */
public record CountdownVerifier() implements Verifier {

    private static final int LONGEST = 500; // characters of a calculation
    private static final Pattern TAGGED = Pattern.compile("(?s)<answer>(.*?)</answer>");
    private static final Pattern BOXED = Pattern.compile("\\\\boxed\\s*\\{([^{}]*)\\}");
    private static final JsonMapper JSON = new JsonMapper();

    /** Game: the target and the numbers to reach it with. */
    private record Game(long target, List<Long> numbers) {

        static Game of(Problem problem) {
            Map<?, ?> columns = problem.columns().containsKey("target") ? problem.columns() : truth(problem);
            Object numbers = columns.containsKey("nums") ? columns.get("nums") : columns.get("numbers");
            if (!(numbers instanceof List<?> list) || list.isEmpty()) {
                throw problem(problem, "has neither nums nor numbers");
            }
            return new Game(
                    whole(problem, columns.get("target")),
                    list.stream().map(number -> whole(problem, number)).toList());
        }

        private static Map<?, ?> truth(Problem problem) {
            try {
                return JSON.readValue(problem.answers().getFirst(), Map.class);
            } catch (JacksonException e) {
                throw problem(
                        problem,
                        "has " + Json.shown(problem.answers().getFirst())
                                + " where Countdown needs a target and numbers");
            }
        }

        private static long whole(Problem problem, @Nullable Object value) {
            if (value instanceof Number number && number.doubleValue() == number.longValue()) {
                return number.longValue();
            }
            throw problem(problem, "has " + value + " where Countdown needs a whole number");
        }

        private static IllegalArgumentException problem(Problem problem, String what) {
            return new IllegalArgumentException("problem " + problem.key() + " " + what);
        }
    }

    /** @throws IllegalArgumentException if the problem has no target or no numbers */
    @Override
    public Verdict verify(Problem problem, Answer answer) {
        Game game = Game.of(problem);
        Optional<String> last = last(TAGGED, answer.text()).or(() -> last(BOXED, answer.text()));
        return last.map(given -> Verdict.of(solves(given, game), given)).orElseGet(Verdict::unanswered);
    }

    @Override
    public void check(Problem problem) {
        Game _ = Game.of(problem);
    }

    private static Optional<String> last(Pattern pattern, String text) {
        Optional<String> last = Optional.empty();
        for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
            last = Optional.of(matcher.group(1).strip());
        }
        return last;
    }

    private static boolean solves(String given, Game game) {
        if (given.length() > LONGEST) {
            return false;
        }
        String[] sides =
                given.replace('×', '*').replace('÷', '/').replace('−', '-').split("=", -1);
        var target = new BigFraction(game.target);
        try {
            var left = new Calculation(sides[0]);
            boolean stated = sides.length == 1
                    || (sides.length == 2 && new Calculation(sides[1]).value().equals(target));
            return stated
                    && left.value().equals(target)
                    && left.numbers().equals(game.numbers.stream().sorted().toList());
        } catch (MathArithmeticException | IllegalArgumentException e) { // by zero, or no calculation
            return false;
        }
    }

    /** Calculation: the value of a sum of products, by recursive descent. */
    private static final class Calculation {

        private final String text;
        private final List<Long> numbers = new ArrayList<>();
        private final BigFraction value;
        private int at;

        Calculation(String text) {
            this.text = text.replaceAll("\\s+", " ").strip();
            this.value = sum();
            if (at < this.text.length()) {
                throw new IllegalArgumentException("no calculation");
            }
        }

        BigFraction value() {
            return value;
        }

        List<Long> numbers() {
            return numbers.stream().sorted().toList();
        }

        private BigFraction sum() {
            BigFraction sum = product();
            while (true) {
                if (take('+')) {
                    sum = sum.add(product());
                } else if (take('-')) {
                    sum = sum.subtract(product());
                } else {
                    return sum;
                }
            }
        }

        private BigFraction product() {
            BigFraction product = factor();
            while (true) {
                if (take('*')) {
                    product = product.multiply(factor());
                } else if (take('/')) {
                    product = product.divide(factor());
                } else {
                    return product;
                }
            }
        }

        private BigFraction factor() {
            if (take('-')) {
                return factor().negate();
            }
            if (take('(')) {
                BigFraction inner = sum();
                if (!take(')')) {
                    throw new IllegalArgumentException("no closing parenthesis");
                }
                return inner;
            }
            int start = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            long number = Long.parseLong(text.substring(start, at)); // empty, or too long: NumberFormatException
            numbers.add(number);
            return new BigFraction(number);
        }

        private boolean take(char sign) {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
            if (at < text.length() && text.charAt(at) == sign) {
                at++;
                return true;
            }
            return false;
        }
    }
}
