package org.rlvr4j.data;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Pattern of word problems: a text with places to fill in, and the steps that solve it.
 *
 * <p>The places of a text are names ({@code {A}}, {@code {B}}, {@code {C}}), amounts ({@code {x}}), amounts of something
 * ({@code {x box}}, which becomes "1 box" or "3 boxes"), and {@code {things}}. The noun {@code thing} is another one in every
 * problem. The letter of an amount says how large it may be.
 *
 * @param name  name, unique among the patterns
 * @param text  text with places
 * @param steps steps in order, the last of which gives the answer
 */
record WordPattern(String name, String text, List<Step> steps) {

    /** Most products of two factors of these, and amounts that are added and taken away. */
    private static final Map<String, Range> RANGES =
            Map.of("xyuv", new Range(2, 9), "abc", new Range(1, 9), "n", new Range(10, 40), "m", new Range(50, 90));

    private static final Map<String, String> PLURALS =
            Map.of("box", "boxes", "shelf", "shelves", "class", "classes", "child", "children");

    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)(?: (\\w+))?}");
    private static final String THING = "thing";

    private record Range(int least, int greatest) {}

    /**
     * One step of a solution.
     *
     * @param result   letter of the result
     * @param left     letter of the first operand, an amount or an earlier result
     * @param operator {@code +}, {@code -} or {@code *}
     * @param right    letter of the second operand
     */
    record Step(String result, String left, String operator, String right) {

        /** Reads a step such as {@code p = x * y}. */
        static Step of(String text) {
            String[] parts = text.strip().split(" ", -1);
            return new Step(parts[0], parts[2], parts[3], parts[4]);
        }

        int compute(int a, int b) {
            return switch (operator) {
                case "+" -> a + b;
                case "-" -> a - b;
                case "*" -> a * b;
                default -> throw new IllegalArgumentException("there is no operator " + operator);
            };
        }
    }

    /**
     * Worked solution.
     *
     * @param steps  the steps as text, such as {@code 3 * 4 = 12. 12 - 5 = 7. }
     * @param answer result of the last step
     * @param least  least result of a step
     */
    record Solution(String steps, int answer, int least) {}

    /**
     * A pattern.
     *
     * @param name  name, unique among the patterns
     * @param text  text with places
     * @param steps steps such as {@code p = x * y; q = p - a}
     */
    static WordPattern pattern(String name, String text, String steps) {
        return new WordPattern(
                name, text, Stream.of(steps.split(";", -1)).map(Step::of).toList());
    }

    /** Draws the amounts, by letter, of a problem in which there is something left after every step. */
    Map<String, Integer> draw(RandomGenerator random) {
        while (true) {
            var amounts = new TreeMap<String, Integer>();
            for (String letter : letters()) {
                Range range = RANGES.entrySet().stream()
                        .filter(entry -> entry.getKey().contains(letter))
                        .findFirst()
                        .orElseThrow()
                        .getValue();
                amounts.put(letter, random.nextInt(range.least(), range.greatest() + 1));
            }
            if (solve(amounts).least() > 0) {
                return amounts;
            }
        }
    }

    /** Letters of the amounts, in the order of the text. */
    private List<String> letters() {
        return PLACE.matcher(text)
                .results()
                .map(place -> place.group(1))
                .filter(place -> place.matches("[a-z]"))
                .toList();
    }

    /** Solves the problem with the given amounts. */
    Solution solve(Map<String, Integer> amounts) {
        var values = new TreeMap<>(amounts);
        var text = new StringBuilder();
        int answer = 0;
        int least = Integer.MAX_VALUE;
        for (Step step : steps) {
            int left = value(values, step.left());
            int right = value(values, step.right());
            answer = step.compute(left, right);
            least = Math.min(least, answer);
            values.put(step.result(), answer);
            text.append(left + " " + step.operator() + " " + right + " = " + answer + ". ");
        }
        return new Solution(text.toString(), answer, least);
    }

    /**
     * The text of a problem.
     *
     * @param amounts amounts by letter
     * @param names   names of {@code {A}}, {@code {B}} and {@code {C}}
     * @param thing   the thing, in the singular
     */
    String fill(Map<String, Integer> amounts, List<String> names, String thing) {
        return PLACE.matcher(text).replaceAll(place -> {
            String letter = place.group(1);
            if (letter.equals(THING + "s")) {
                return plural(thing);
            }
            if (letter.matches("[A-C]")) {
                return names.get(letter.charAt(0) - 'A');
            }
            int amount = value(amounts, letter);
            String noun = place.group(2);
            return noun == null ? Integer.toString(amount) : counted(amount, noun.equals(THING) ? thing : noun);
        });
    }

    private int value(Map<String, Integer> values, String letter) {
        Integer value = values.get(letter);
        if (value == null) {
            throw new IllegalArgumentException("the pattern \"" + name + "\" has no amount " + letter);
        }
        return value;
    }

    private static String counted(int amount, String noun) {
        return amount + " " + (amount == 1 ? noun : plural(noun));
    }

    private static String plural(String noun) {
        return PLURALS.getOrDefault(noun, noun + "s");
    }
}
