package org.rlvr4j.eval.grader;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Characters beyond ASCII that stand for LaTeX: digits of any script, signs, fractions, raised and lowered digits, roots. */
final class Characters {

    private static final Map<String, String> LATEX = Commands.pairs("""
        \u2212 - \u2013 - \uff0d - \uff0c , \uff08 ( \uff09 ) \u00d7 * \u00f7 / \u00b0 \\degree \u00b1 \\pm \u03c0 \\pi
        \u03b8 \\theta \u03b1 \\alpha \u03b2 \\beta \u03bb \\lambda \u2264 \\le \u2265 \\ge \u2260 \\ne \u2248 \\approx
        \u2208 \\in \u222a \\cup \u2205 \\emptyset \u2010 - \u2011 - \ufe63 - \uff0b + \uff1a : \uff1b ; \uff1d =
        \uff0e . \uff05 % \uff3b [ \uff3d ] \u00a0 ~ \u200b ~ \ufeff ~ \u202f ~ \u2009 ~ \u00b7 * \u22c5 * \u2219 *
        \u221e \\infty \u2a7d \\le \u2a7e \\ge \u2215 / \u2044 / \u2236 : \u2216 \\setminus \u211d \\mathbb{R} \u2220 \\angle
        \u3002 . \u2227 \\and \u2228 \\or \uff1c < \uff1e > \u03c6 \\phi
        \u00bd \\frac{1}{2} \u2153 \\frac{1}{3} \u2154 \\frac{2}{3} \u00bc \\frac{1}{4} \u00be \\frac{3}{4}
        \u2155 \\frac{1}{5} \u2156 \\frac{2}{5} \u2157 \\frac{3}{5} \u2158 \\frac{4}{5} \u2159 \\frac{1}{6}
        \u215a \\frac{5}{6} \u215b \\frac{1}{8} \u215c \\frac{3}{8} \u215d \\frac{5}{8} \u215e \\frac{7}{8}\
        """);

    private static final String RAISED =
            "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b\u207f";
    private static final String LOWERED = "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089";
    private static final String LEVEL = "0123456789+-n";
    private static final Pattern RAISED_RUN = Pattern.compile("[" + RAISED + "]++");
    private static final Pattern LOWERED_RUN = Pattern.compile("[" + LOWERED + "]++");

    /** A root sign and what it certainly covers: a number, a letter or a bracket, with nothing that may belong to it. */
    private static final Pattern ROOT = Pattern.compile(("(?<![RAISED])\u221a\\s*+(?:(?=\\()"
                    + "|(\\d++(?:\\.\\d++)?+)(?![\\p{L}!^(\u221aRAISED]|[.,]\\d)"
                    + "|(\\p{L})(?![\\p{L}\\d!^(\u221aRAISED]))")
            .replace("RAISED", RAISED));

    private Characters() {}

    /** The text in ASCII as far as there is LaTeX for it; characters without any stay as they are. */
    static String latex(String text) {
        if (text.chars().allMatch(c -> c < 128)) {
            return text;
        }
        String roots = ROOT.matcher(text).replaceAll(root -> {
            String covered = root.group(1) == null ? root.group(2) : root.group(1);
            return Matcher.quoteReplacement(covered == null ? "\\sqrt" : "\\sqrt{" + covered + "}");
        });
        String raised = RAISED_RUN.matcher(roots).replaceAll(run -> "^{" + leveled(run.group(), RAISED) + "}");
        String lowered = LOWERED_RUN.matcher(raised).replaceAll(run -> "_{" + leveled(run.group(), LOWERED) + "}");
        var ascii = new StringBuilder(lowered.length());
        lowered.replace("\u2103", "\u00b0C")
                .replace("\u2109", "\u00b0F")
                .codePoints()
                .forEach(c -> ascii.append(ascii(c)));
        return ascii.toString();
    }

    private static String leveled(String run, String characters) {
        var text = new StringBuilder(run.length());
        run.chars().forEach(c -> text.append(LEVEL.charAt(characters.indexOf(c))));
        return text.toString();
    }

    private static String ascii(int character) {
        if (Character.isDigit(character)) {
            return Integer.toString(Character.digit(character, 10));
        }
        String text = Character.toString(character);
        String ascii = LATEX.getOrDefault(text, text);
        return ascii.length() > 1 && ascii.startsWith("\\") ? ascii + " " : ascii;
    }
}
