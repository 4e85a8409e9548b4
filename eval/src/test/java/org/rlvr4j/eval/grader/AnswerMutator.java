package org.rlvr4j.eval.grader;

import java.util.List;
import java.util.Random;
import org.rlvr4j.eval.grader.PairGenerator.Pair;

/** Makes answers that nobody meant, out of those that somebody might. */
final class AnswerMutator {

    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "\\{",
            "\\}",
            "^",
            "_",
            "\\frac",
            "\\sqrt",
            "\\",
            "\\\\",
            "&",
            "$",
            "%",
            ",",
            ";",
            "=",
            "<",
            "\\le",
            "\\cup",
            "\\pm",
            "\\infty",
            "!",
            "|",
            "999999999",
            "^{99999}",
            "0",
            ".",
            "1E999",
            "\\ln",
            "\\sin",
            "\\log",
            "i",
            "e",
            "x",
            "\\text{ cm}",
            "\\begin{pmatrix}",
            "\\end{pmatrix}",
            "\\binom",
            "\\overline",
            "\\circ",
            "/0",
            "-",
            "\u221e",
            "\ud83d\ude00",
            "\u0663",
            "and",
            "or",
            ":",
            "'",
            "\\lfloor",
            "\\approx",
            "\u0000",
            "\n",
            "(((((((((((",
            "^^",
            "__",
            "1,000");

    private final Random random;
    private final PairGenerator pairs;

    AnswerMutator(long seed) {
        this.random = new Random(seed);
        this.pairs = new PairGenerator(random);
    }

    /** An answer with characters or pieces of LaTeX put in, left out, doubled or exchanged. */
    String next() {
        Pair pair = pairs.next();
        var text = new StringBuilder(random.nextBoolean() ? pair.first() : pair.second());
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            int at = random.nextInt(text.length() + 1);
            int end = Math.min(text.length(), at + random.nextInt(8));
            switch (random.nextInt(4)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, text.substring(at, end));
                case 2 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                default -> text.insert(at, (char) random.nextInt(random.nextInt(8) == 0 ? 0x10000 : 128));
            }
        }
        return text.toString();
    }
}
