package org.rlvr4j.eval.grader;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rlvr4j.eval.grader.Token.Kind;

/** Lexer of LaTeX or plain text. Spacing, sizes of brackets, fonts and dollar signs around formulas are dropped. */
final class Lexer {

    /** Digits in groups of three, or plain ones with a decimal point and perhaps an exponent. */
    private static final String PLAIN = "(?:\\d+(?:\\.\\d+)?|\\.\\d+)(?:E[+-]?\\d{1,5}(?![\\d.])|e\\d{1,5}(?![\\d.]))?";

    private static final String SEPARATOR = "(?:,\\s*\\\\!\\s*|\\\\!\\s*,\\s*|\\s*\\{\\s*,\\s*\\}\\s*|_(?=0))";
    private static final String GROUPED = "[1-9]\\d{0,2}(?:(?:%s\\d{3})+(?![\\d])(?:\\.\\d+)?)|";
    private static final String SPACED_GROUPS =
            "[1-9]\\d{0,2}(?:(?:[ ~]|\\\\[,:; ])\\d{3})+(?:\\.\\d+)?(?![\\d]| *[/\\d])|";
    private static final Pattern NUMBER = Pattern.compile(GROUPED.formatted(SEPARATOR) + SPACED_GROUPS + PLAIN);
    private static final Pattern NUMBER_WITH_COMMAS =
            Pattern.compile(GROUPED.formatted("(?:" + SEPARATOR + "|,)") + SPACED_GROUPS + PLAIN);
    private static final Pattern COMMAS = Pattern.compile("(?<![\\d.,])[1-9]\\d{0,2}(?:,\\d{3})+(?!\\d)");

    private static final Pattern LETTERS = Pattern.compile("\\p{L}[\\p{L}\\p{M}]*");
    private static final Pattern ENVIRONMENT =
            Pattern.compile("\\\\(?:begin|end)\\s*\\{([a-zA-Z*]+)}(?:\\s*\\{[lcr|\\s]*})?");
    private static final Pattern COMMAND = Pattern.compile("\\\\(?:q?quad|[a-zA-Z]+|.)?", Pattern.DOTALL);

    /** Two backslashes, where some escaping has doubled them, before the name of a command. */
    private static final Pattern DOUBLED = Pattern.compile(
            "(?<!\\\\)\\\\(?=\\\\(?:[dt]?frac|sqrt|left|right|text|boxed|l[et]q?|g[et]q?|pi|cup|infty|pm|cdot|mathrm)(?![a-z]))");

    private static final Pattern FUSED = Pattern.compile(
            "\\\\(?:sin|cos|tan|cot|ln|log|pi|theta|alpha|beta|[lg]eq|infty|cdot|times|pm)(?=[a-zA-Z])");

    /** A backslash before a digit or a minus: one of the two that end a row has been lost. */
    private static final Pattern ROW_END = Pattern.compile("\\\\[\\d-]");

    /** Argument that concerns only the look: the space under a row, or a group in braces. */
    private static final Pattern STYLE_ARGUMENT =
            Pattern.compile("(?:(?<=\\\\\\\\)\\[\\d+[a-z.\\d]*]|(?<!\\\\)\\{[^{}]*})?");

    private static final Pattern SIGN = Pattern.compile("<=|>=|!=|==|.", Pattern.DOTALL);

    private final String text;
    private final Pattern number;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<Integer> texts = new ArrayDeque<>(); // number of open braces at the beginning of each text
    private int position;
    private int braces;
    private boolean spaced;

    private Lexer(String text, Pattern number) {
        this.text = text;
        this.number = number;
    }

    /**
     * The tokens of a text.
     *
     * @param joined whether {@code 1,000} is one number; otherwise it is a list of two
     */
    static List<Token> tokens(String text, boolean joined) {
        var lexer = new Lexer(ascii(text), joined ? NUMBER_WITH_COMMAS : NUMBER);
        while (lexer.position < lexer.text.length()) {
            lexer.step();
        }
        return lexer.tokens;
    }

    /** Whether commas in a text may separate either thousands or the items of a list. */
    static boolean hasTwoReadings(String text) {
        return text.indexOf(',') >= 0 && COMMAS.matcher(ascii(text)).find();
    }

    private static String ascii(String text) {
        String latex = Characters.latex(text);
        return latex.contains("\\\\") ? DOUBLED.matcher(latex).replaceAll("") : latex;
    }

    private void step() {
        char c = text.charAt(position);
        if (Character.isWhitespace(c) || c == '~' || c == '$') {
            position++;
            spaced |= c != '$';
        } else if (Character.isDigit(c) || (c == '.' && position + 1 < text.length() && isDigit(position + 1))) {
            add(Kind.NUMBER, next(number).replaceAll("[^\\dEe.+-]", ""));
        } else if (Character.isLetter(c)) {
            add(texts.isEmpty() ? Kind.LETTERS : Kind.WORD, next(LETTERS));
        } else if (c == '\\') {
            command();
        } else if (c == '}' && !texts.isEmpty() && texts.peek() == braces) {
            texts.pop();
            position++;
        } else {
            braces += c == '{' ? 1 : c == '}' ? -1 : 0;
            sign(next(SIGN));
        }
    }

    private boolean isDigit(int index) {
        return Character.isDigit(text.charAt(index));
    }

    private void sign(String sign) {
        switch (sign) {
            case "<=" -> add(Kind.COMMAND, "\\le");
            case ">=" -> add(Kind.COMMAND, "\\ge");
            case "!=" -> add(Kind.COMMAND, "\\ne");
            case "==" -> add(Kind.SIGN, "=");
            default -> add(Kind.SIGN, sign);
        }
    }

    private void command() {
        Matcher environment = ENVIRONMENT.matcher(text).region(position, text.length());
        if (environment.lookingAt()) {
            String side = text.startsWith("\\begin", position) ? "\\begin" : "\\end";
            position = environment.end();
            add(Kind.COMMAND, side + "{" + environment.group(1) + "}");
            return;
        }
        String name = next(COMMAND);
        if (name.equals("\\\\") || Commands.STYLES.contains(name)) {
            next(STYLE_ARGUMENT);
        }
        if (Commands.SPACES.contains(name)) {
            spaced = true;
        } else if (Commands.TEXT_FONTS.contains(name)) {
            position += text.startsWith(" {", position) ? 1 : 0;
            if (text.startsWith("{", position)) {
                texts.push(braces);
                position++;
            }
        } else if (name.equals("\\left") || name.equals("\\right")) {
            position += text.startsWith(".", position) ? 1 : 0;
        } else if (ROW_END.matcher(name).matches()) {
            position -= name.length() - 1;
            add(Kind.COMMAND, "\\\\");
        } else if (!Commands.DROPPED.contains(name) && !Commands.STYLES.contains(name) && name.length() > 1) {
            String command = withoutFusedLetters(name);
            position -= name.length() - command.length();
            String known = Commands.canonical(command);
            add(known.startsWith("\\") ? Kind.COMMAND : Kind.SIGN, known);
        }
    }

    /** The command without the letters fused to it, if a space has been lost as in {@code \tanx}. */
    private String withoutFusedLetters(String name) {
        Matcher fused = FUSED.matcher(name);
        boolean isFused = !text.startsWith("{", position) && Commands.isMarkup(name) && fused.lookingAt();
        return isFused && Commands.canonical(name).equals(name) ? fused.group() : name;
    }

    private void add(Kind kind, String token) {
        tokens.add(new Token(kind, token, spaced));
        spaced = false;
    }

    private String next(Pattern pattern) {
        Matcher matcher = pattern.matcher(text).region(position, text.length()).useTransparentBounds(true);
        matcher.lookingAt();
        position = matcher.end();
        return matcher.group();
    }
}
