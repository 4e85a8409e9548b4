package org.rlvr4j.eval;

import java.util.List;
import java.util.regex.Pattern;

/** Rewrites LaTeX to one of the many ways to write the same. */
final class Latex {

    private record Rule(Pattern pattern, String replacement) {

        static Rule of(String regex, String replacement) {
            return new Rule(Pattern.compile(regex), replacement);
        }
    }

    private static final List<Rule> RULES = List.of(
            Rule.of("\u2212", "-"),
            Rule.of("\u00d7|\\\\(times|cdot)(?![a-zA-Z])", "*"),
            Rule.of("\u03c0", "\\\\pi "),
            Rule.of("\u03b8", "\\\\theta "),
            Rule.of("\u00b0|\\^\\{\\\\circ\\}|\\\\degree(?![a-zA-Z])", "^\\\\circ "),
            Rule.of("\\\\(left|right|displaystyle)(?![a-zA-Z])", ""),
            Rule.of("\\\\[dtc]frac", "\\\\frac"),
            Rule.of(",\\s*\\\\!\\s*|\\{,\\}", ","), // a thousands separator
            Rule.of("\\\\!|(?<!\\\\)\\\\[()\\[\\]]", ""),
            Rule.of("(?<!\\\\)\\\\[,;: ]|~|\\\\q?quad(?![a-zA-Z])", " "),
            Rule.of("\\\\(mathrm|textbf|textit|mathbf|mbox)(?=\\{)", "\\\\text"),
            Rule.of("\\\\text\\{\\\\\\$\\}|\\\\\\$", "\\\\dollar "),
            Rule.of("\\$", ""),
            Rule.of("\\\\%", "%"),
            Rule.of("\\\\(le|ge)q(?![a-zA-Z])", "\\\\$1"),
            Rule.of("\\\\varnothing|\\\\\\{\\s*\\\\\\}", "\\\\emptyset"),
            Rule.of(",?\\s*\\\\text\\{\\s*(and|or)\\s*\\}|,?\\s+(and|or)\\s+", ";"),
            Rule.of("(?<![\\\\a-zA-Z])(sqrt|pi)(?![a-zA-Z])", "\\\\$1"),
            Rule.of("(\\\\\\\\|\\s)+$", ""),
            Rule.of(",\\s+", ";"), // a list; without the space it may be a number
            Rule.of("\\s+", " "),
            Rule.of(" ?([^\\w .]) ?", "$1"),
            Rule.of("\\\\(frac|sqrt) ?(\\w)", "\\\\$1{$2}"),
            Rule.of("(\\\\frac\\{[^{}]*\\}) ?(\\w)", "$1{$2}"));

    private Latex() {}

    /** The text with spacing, sizing and markup taken out, and synonyms made one. What it says stays the same. */
    static String plain(String text) {
        String plain = asciiDigits(text);
        for (Rule rule : RULES) {
            plain = rule.pattern().matcher(plain).replaceAll(rule.replacement());
        }
        return unwrap(plain.strip());
    }

    /** Without the braces, or the {@code \text{}}, around all of it. */
    static String unwrap(String text) {
        String inner = text;
        while (true) {
            int open = inner.startsWith("\\text{") ? "\\text".length() : 0;
            if (!inner.startsWith("{", open) || closing(inner, open) != inner.length() - 1) {
                return inner;
            }
            inner = inner.substring(open + 1, inner.length() - 1).strip();
        }
    }

    /** Where the bracket at {@code open} is closed, counting brackets of all kinds alike; -1 if nowhere. */
    static int closing(String text, int open) {
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{' || c == '(' || c == '[') {
                depth++;
            } else if (c == '}' || c == ')' || c == ']') {
                depth--;
            }
            if (depth == 0) {
                return i;
            }
        }
        return -1;
    }

    private static String asciiDigits(String text) {
        var ascii = new StringBuilder(text.length());
        text.codePoints().forEach(c -> ascii.appendCodePoint(Character.isDigit(c) ? '0' + Character.digit(c, 10) : c));
        return ascii.toString();
    }
}
