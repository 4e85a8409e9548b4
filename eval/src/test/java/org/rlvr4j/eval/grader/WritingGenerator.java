package org.rlvr4j.eval.grader;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.rlvr4j.eval.grader.PairGenerator.Pair;

/** Makes pairs in the less usual writings: the first is the given answer, and the second the accepted one. */
final class WritingGenerator {

    private static final List<String> HALVES = List.of("\u00bd", "\\frac{1}{2}", " 1/2");
    private static final List<String> PHRASES = List.of(
            "answer: ",
            "\u7b54\u6848\u662f",
            "la respuesta es ",
            "Die Antwort lautet ",
            "(B) ",
            "\\textbf{(D)}",
            "E. ");

    private static final List<String> QUOTIENTS = List.of(" m/s^2", "\\text{ m/s}", " km/h", " m/s\u00b2", "\\,g/L");

    private final Random random;

    WritingGenerator(Random random) {
        this.random = random;
    }

    Pair next(boolean equal) {
        int n = 1 + random.nextInt(90);
        int k = 2 + random.nextInt(8);
        int other = equal ? n : n + 1 + random.nextInt(3);
        return switch (random.nextInt(17)) {
            case 0 -> letterUnit(n, equal);
            case 1 -> conditions(n, n + k, equal);
            case 2 -> new Pair("half", n + one(HALVES), 2 * other + 1 + "/2", equal);
            case 3 -> new Pair("raised digits", "x" + raised(n), "x^{" + other + "}", equal);
            case 4 -> new Pair("root", k + "\u221a" + n, "\\sqrt{" + k * k * other + "}", equal);
            case 5 -> repetend(equal);
            case 6 ->
                new Pair(
                        "thousands",
                        n + one(List.of("\\,", "\\;")) + "0" + (10 + k),
                        Integer.toString(other * 1000 + 10 + k),
                        equal);
            case 7 -> new Pair("millions", n + one(List.of(" million", "\\text{ million}")), other + "000000", equal);
            case 8 ->
                new Pair("over", "{" + n + " \\over " + k + "}", "\\frac{" + 3 * other + "}{" + 3 * k + "}", equal);
            case 9 -> new Pair("framed", one(PHRASES) + n + one(List.of("", ".")), Integer.toString(other), equal);
            case 10 -> new Pair("ratio", n * k + ":" + 7 * k, other + ":7", equal);
            case 11 -> without(n, k, equal);
            case 12 ->
                new Pair(
                        "temperature",
                        n + one(List.of("^\\circ C", "^{\\circ}\\text{C}", "\u00b0C")),
                        other + one(List.of("", "\\,^\\circ\\mathrm{C}")),
                        equal);
            case 13 -> letterBounds(equal);
            case 14 -> new Pair("quotient of units", n + one(QUOTIENTS), Integer.toString(other), equal);
            case 15 -> new Pair("signs of a ratio", signed(n, 77, equal), n * k + ":" + 77 * k, equal);
            default -> named(n, equal);
        };
    }

    private Pair letterUnit(int n, boolean equal) {
        String letter = one(List.of("m", "s", "h", "g", "l", " mg", "hr", "abd"));
        String number = Integer.toString(n);
        return new Pair("letter", equal ? n + letter : number, n + letter, equal);
    }

    private Pair conditions(int low, int high, boolean equal) {
        boolean between = random.nextBoolean();
        String word = between == equal ? " and " : " or ";
        String lower = "x>" + (between ? low : high);
        String upper = "x<" + (between ? high : low);
        return new Pair(
                "conditions",
                random.nextBoolean() ? lower + word + upper : upper + word + lower,
                between ? "(" + low + "," + high + ")" : "(-\\infty," + low + ")\\cup(" + high + ",\\infty)",
                equal);
    }

    private Pair letterBounds(boolean equal) {
        String letters = one(List.of("ab", "pq", "ck"));
        char low = letters.charAt(equal ? 0 : 1);
        char high = letters.charAt(equal ? 1 : 0);
        String interval = "(" + letters.charAt(0) + "," + letters.charAt(1) + ")";
        List<String> writings =
                List.of("x>" + low + " and x<" + high, "x<" + high + " and x>" + low, low + "<x and x<" + high);
        return new Pair("bounds with letters", one(writings), interval, equal);
    }

    private static String signed(int first, int second, boolean equal) {
        return equal ? first + ":" + second : -first + ":" + -second;
    }

    private Pair repetend(boolean equal) {
        int whole = random.nextInt(9);
        int digits = random.nextInt(99);
        int above = whole * 99 + digits + (equal ? 0 : 1);
        return new Pair(
                "repeating decimal",
                whole + (random.nextBoolean() ? ".\\overline{%d%d}" : ".(%d%d)").formatted(digits / 10, digits % 10),
                "\\frac{" + above + "}{99}",
                equal);
    }

    private Pair without(int n, int k, boolean equal) {
        int high = n + k;
        int other = equal ? high : high + 1;
        String union = "(-\\infty,%d)\\cup(%d,%d)\\cup(%d,\\infty)".formatted(n, n, other, other);
        List<String> writings = List.of(
                "\\mathbb{R}\\setminus\\{" + high + "," + n + "\\}",
                "x\\ne" + n + " and x\\ne " + high,
                "\u211d \u2216 \\{" + n + "," + high + "\\}");
        return new Pair("all but two", one(writings), union, equal);
    }

    private Pair named(int n, boolean equal) {
        String name = equal
                ? one(List.of("x", "AB", "f(2)", "a_1", "\\angle ABC", "\\text{Area}"))
                : one(List.of("xy", "x+y", "x^2", "2x", "\\frac{y}{x}", "abc"));
        return new Pair("named", name + "=" + n, Integer.toString(n), equal);
    }

    private static String raised(int n) {
        return Integer.toString(n)
                .chars()
                .mapToObj(c ->
                        "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079".substring(c - '0', c - '0' + 1))
                .collect(Collectors.joining());
    }

    private String one(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
