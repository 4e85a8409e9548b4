package org.rlvr4j.eval.grader;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes pairs of answers that are equal, or unequal, by construction: two writings of one value, or of two values that its
 * own arithmetic, of small integers, tells apart.
 */
final class PairGenerator {

    /**
     * Two answers.
     *
     * @param kind  what they are
     * @param equal whether they are the same
     */
    record Pair(String kind, String first, String second, boolean equal) {}

    private final Random random;
    private final WritingGenerator writings;

    PairGenerator(long seed) {
        this(new Random(seed));
    }

    PairGenerator(Random random) {
        this.random = random;
        this.writings = new WritingGenerator(random);
    }

    Pair next() {
        boolean equal = random.nextBoolean();
        return switch (random.nextInt(18)) {
            case 0, 1 -> pair("integer", equal, random.nextInt(100_000), 1 + random.nextInt(50), this::integer);
            case 2, 3 -> fraction(equal);
            case 4 -> surd(equal);
            case 5 -> polynomial(equal);
            case 6 -> rationalFunction(equal);
            case 7 -> complex(equal);
            case 8 -> trigonometric(equal);
            case 9 -> logarithm(equal);
            case 10 -> collection(equal);
            case 11 -> equation(equal);
            case 12 -> inequality(equal);
            case 13 -> measure(equal);
            case 14 -> power(equal);
            case 15 -> multipleOfPi(equal);
            default -> writings.next(equal);
        };
    }

    private Pair pair(String kind, boolean equal, int value, int change, Function<Integer, String> writing) {
        return new Pair(
                kind, decorated(writing.apply(value)), decorated(writing.apply(equal ? value : value + change)), equal);
    }

    private String integer(int n) {
        String digits = Integer.toString(n);
        return switch (random.nextInt(7)) {
            case 0 -> digits + ".0";
            case 1 -> "x=" + digits;
            case 2 -> (n - 17) + "+17";
            case 3 -> "\\frac{" + 3 * n + "}{3}";
            case 4 -> n < 1_000 ? digits : String.format(java.util.Locale.ROOT, "%,d", n);
            case 5 ->
                digits.chars()
                        .mapToObj(c -> Character.toString(0xff10 + c - '0'))
                        .collect(Collectors.joining());
            default -> "\\text{" + digits + "}";
        };
    }

    private Pair fraction(boolean equal) {
        int above = 1 + random.nextInt(200);
        int below = 2 + random.nextInt(60);
        int other = equal ? above : above + 1 + random.nextInt(20);
        return new Pair("fraction", decorated(fraction(above, below)), decorated(fraction(other, below)), equal);
    }

    private String fraction(int above, int below) {
        int k = 1 + random.nextInt(9);
        boolean mixed = above > below && above % below != 0;
        return switch (random.nextInt(6)) {
            case 0 -> "\\dfrac{" + above * k + "}{" + below * k + "}";
            case 1 -> above * k + "/" + below * k;
            case 2 -> mixed ? above / below + "\\frac{" + above % below + "}{" + below + "}" : above + "/" + below;
            case 3 ->
                mixed ? above / below + " " + above % below + "/" + below : "\\frac{" + above + "}{" + below + "}";
            case 4 -> "-\\frac{" + -above + "}{" + below + "}";
            default -> "\\tfrac{" + (above + below) + "}{" + below + "}-1";
        };
    }

    /** a + b sqrt(n) with a square-free n. */
    private Pair surd(boolean equal) {
        int a = random.nextInt(19) - 9;
        int b = 1 + random.nextInt(9);
        int n = List.of(2, 3, 5, 6, 7, 10, 11).get(random.nextInt(7));
        return new Pair("surd", decorated(surd(a, b, n)), decorated(surd(equal ? a : a + 1, b, n)), equal);
    }

    private String surd(int a, int b, int n) {
        return switch (random.nextInt(5)) {
            case 0 -> a + "+" + b + "\\sqrt{" + n + "}";
            case 1 -> b + "\\sqrt{" + n + "}" + signed(a);
            case 2 -> "\\sqrt{" + b * b * n + "}" + signed(a);
            case 3 -> a + "+\\frac{" + b * n + "}{\\sqrt{" + n + "}}";
            default ->
                a * a == b * b * n
                        ? a + "+" + b + "\\sqrt{" + n + "}"
                        : "\\frac{" + (a * a - b * b * n) + "}{" + a + "-" + b + "\\sqrt{" + n + "}}";
        };
    }

    /** (ax + b)(cx + dy) in factors and expanded. */
    private Pair polynomial(boolean equal) {
        int a = 1 + random.nextInt(9);
        int b = random.nextInt(19) - 9;
        int c = 1 + random.nextInt(9);
        int d = 1 + random.nextInt(9);
        String product = "(" + a + "x" + signed(b) + ")(" + c + "x" + signed(d) + "y)";
        var terms = new ArrayList<>(List.of(
                signed(a * c) + "x^{2}",
                signed(a * d) + "xy",
                signed(b * c) + "x",
                signed(b * d + (equal ? 0 : 1)) + "y"));
        Collections.shuffle(terms, random);
        String sum = String.join("", terms);
        return new Pair(
                "polynomial", decorated(product), decorated(sum.startsWith("+") ? sum.substring(1) : sum), equal);
    }

    /** The sum of two fractions, and the same over one denominator. */
    private Pair rationalFunction(boolean equal) {
        int a = 1 + random.nextInt(9);
        int b = 1 + random.nextInt(9);
        int c = 1 + random.nextInt(9);
        String sum = "\\frac{" + a + "}{x+" + c + "}+\\frac{" + b + "}{y}";
        String one = "\\frac{" + a + "y+" + b + "x" + signed(b * c + (equal ? 0 : 1)) + "}{(x+" + c + ")y}";
        return new Pair("rational function", decorated(sum), decorated(one), equal);
    }

    private Pair complex(boolean equal) {
        int a = 1 + random.nextInt(9);
        int b = 1 + random.nextInt(9);
        int c = 1 + random.nextInt(9);
        String product = "(" + a + "+" + b + "i)(" + c + "-i)";
        String sum = (a * c + b) + signed(b * c - a + (equal ? 0 : 1)) + "i";
        return new Pair("complex", decorated(product), decorated(sum), equal);
    }

    /** The sine of an angle in the first quadrant, and the cosine of what is left of a right angle. */
    private Pair trigonometric(boolean equal) {
        int below = 3 + random.nextInt(20);
        int above = 1 + random.nextInt(Math.max(1, below / 2 - 1));
        int other = equal ? below - 2 * above : below - 2 * above + 1;
        String sine = random.nextBoolean()
                ? "\\sin\\frac{" + above + "\\pi}{" + below + "}"
                : "\\sin(" + above + "\\pi/" + below + ")";
        return new Pair(
                "trigonometric",
                decorated(sine),
                decorated("\\cos\\left(\\frac{" + other + "\\pi}{" + 2 * below + "}\\right)"),
                equal);
    }

    private Pair logarithm(boolean equal) {
        int a = 2 + random.nextInt(30);
        int b = 2 + random.nextInt(30);
        int product = a * b + (equal ? 0 : 1);
        return random.nextBoolean()
                ? new Pair("logarithm", "\\ln " + a + "+\\ln " + b, "\\ln(" + product + ")", equal)
                : new Pair(
                        "logarithm",
                        "\\log_{" + a + "}{" + a * b + "}-1",
                        "\\frac{\\ln " + (b + (equal ? 0 : 1)) + "}{\\ln " + a + "}",
                        equal);
    }

    /** Items in order in brackets, or in any order in braces and lists. */
    private Pair collection(boolean equal) {
        List<Integer> items = IntStream.generate(() -> random.nextInt(50))
                .distinct()
                .limit(2 + random.nextInt(4))
                .boxed()
                .toList();
        var others = new ArrayList<>(items);
        if (!equal) {
            others.set(random.nextInt(others.size()), 50 + random.nextInt(50));
        }
        String[] brackets = List.of("(,)", "[,)", "\\{,\\}", ",", "\\begin{pmatrix},\\end{pmatrix}")
                .get(random.nextInt(5))
                .split(",", -1);
        boolean ordered = !brackets[0].isEmpty() && !brackets[0].equals("\\{");
        if (!ordered) {
            Collections.shuffle(others, random);
        }
        String separator = brackets[0].startsWith("\\begin") ? "\\\\ " : ", ";
        return new Pair("collection", joined(items, brackets, separator), joined(others, brackets, separator), equal);
    }

    private String joined(List<Integer> items, String[] brackets, String separator) {
        return brackets[0]
                + items.stream()
                        .map(n -> n < 1 || random.nextBoolean() ? n.toString() : "\\frac{" + 2 * n + "}{2}")
                        .collect(Collectors.joining(separator))
                + brackets[1];
    }

    private Pair equation(boolean equal) {
        int a = 1 + random.nextInt(9);
        int b = random.nextInt(19) - 9;
        int k = 2 + random.nextInt(5);
        String line = "y=" + a + "x" + signed(b);
        return new Pair(
                "equation", decorated(line), decorated(k * a + "x-" + k + "y=" + -(k * b + (equal ? 0 : 1))), equal);
    }

    private Pair inequality(boolean equal) {
        int low = random.nextInt(20);
        int high = low + 1 + random.nextInt(20);
        int other = equal ? high : high + 1;
        String chain = low + "<x\\le " + high;
        return new Pair(
                "inequality",
                chain,
                random.nextBoolean() ? other + "\\geq x>" + low : "x\\in(" + low + "," + other + "]",
                equal);
    }

    private Pair measure(boolean equal) {
        int n = 1 + random.nextInt(90);
        int other = equal ? n : n + 1;
        List<String> pairs = List.of(
                n + "\\text{ m}|" + other * 100 + "\\text{ cm}",
                n + " hours|" + other * 60 + " minutes",
                "\\$" + n + "|" + other,
                n + "^\\circ|" + other + "\\text{ degrees}",
                n + "\\%|\\frac{" + other + "}{100}",
                n + "\\text{ cm}^2|" + other + "\\text{ square centimeters}",
                n + " apples|" + other,
                n + " km/h|" + other + " km/h");
        String[] pair = pairs.get(random.nextInt(pairs.size())).split("\\|", -1);
        return new Pair("measure", pair[0], pair[1], equal);
    }

    private Pair power(boolean equal) {
        int base = 2 + random.nextInt(9);
        int exponent = 10 + random.nextInt(60);
        BigInteger value = BigInteger.valueOf(base).pow(exponent).add(equal ? BigInteger.ZERO : BigInteger.ONE);
        return new Pair("power", decorated(base + "^{" + exponent + "}"), decorated(value.toString()), equal);
    }

    private Pair multipleOfPi(boolean equal) {
        int a = 1 + random.nextInt(20);
        int b = 2 + random.nextInt(20);
        int other = equal ? a : a + 1;
        List<String> writings = List.of(
                "\\frac{" + other + "}{" + b + "}\\pi",
                "\\frac{" + 2 * other + "\\pi}{" + 2 * b + "}",
                "\\pi\\cdot\\frac{" + other + "}{" + b + "}");
        return new Pair(
                "pi", decorated("\\frac{" + a + "\\pi}{" + b + "}"), decorated(writings.get(random.nextInt(3))), equal);
    }

    private String decorated(String answer) {
        return switch (random.nextInt(5)) {
            case 0 -> "$" + answer + "$";
            case 1 ->
                answer.replace("(", "\\left(")
                        .replace(")", "\\right)")
                        .replace("\\left\\left", "\\left")
                        .replace("\\right\\right", "\\right");
            case 2 -> "{" + answer + "}";
            case 3 -> " \\," + answer + "\\; ";
            default -> answer;
        };
    }

    private static String signed(int n) {
        return n < 0 ? Integer.toString(n) : "+" + n;
    }
}
