package org.rlvr4j.model.text.template.syntax;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lexer of templates with {@code trim_blocks} and {@code lstrip_blocks}: which white space around a tag is part of it.
 *
 * @see <a href="https://jinja.palletsprojects.com/en/stable/templates/#whitespace-control">Jinja, whitespace control</a>
 */
final class Lexer {

    private static final Pattern NEWLINE = Pattern.compile("\r\n|\r");
    private static final Pattern TAG = Pattern.compile("\\{[{%#]");
    private static final Pattern RAW =
            Pattern.compile("\\{%([-+]?)" + Chars.SPACE + "*raw" + Chars.SPACE + "*(?:-%}" + Chars.SPACE + "*|%})");
    private static final Pattern RAW_END = Pattern.compile(
            "\\{%([-+]?)" + Chars.SPACE + "*endraw" + Chars.SPACE + "*(?:\\+%}|-%}" + Chars.SPACE + "*|%}\n?)");
    private static final Pattern COMMENT_END = Pattern.compile("\\+#}|-#}" + Chars.SPACE + "*|#}\n?");
    private static final Pattern BLOCK_END = Pattern.compile("\\+%}|-%}" + Chars.SPACE + "*|%}\n?");
    private static final Pattern VARIABLE_END = Pattern.compile("-}}" + Chars.SPACE + "*|}}");
    private static final Pattern SPACES = Pattern.compile(Chars.SPACE + "+");
    private static final Pattern FLOAT = Pattern.compile(
            "(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+\\-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)");
    private static final Pattern INTEGER =
            Pattern.compile("0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\\da-fA-F])+|[1-9](?:_?\\d)*|0(?:_?0)*");
    private static final Pattern NAME = Pattern.compile("[\\w\\p{L}\\p{Nl}\\p{Mn}\\p{Mc}\\p{Nd}\\p{Pc}]+");
    private static final Pattern OPERATOR = Pattern.compile("\\*\\*|//|==|!=|>=|<=|[-+*/%~\\[\\](){}<>=.:|,;]");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final Map<Pattern, Matcher> matchers = new HashMap<>();
    private int at;
    private int line = 1;
    private String matched = ""; // by the last pattern that did
    private boolean lineStarts = true; // whether what was read last ends a line

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String source) {
        String text = NEWLINE.matcher(source).replaceAll("\n");
        if (text.endsWith("\n")) {
            text = text.substring(0, text.length() - 1); // one newline at the end is ignored
        }
        return new Lexer(text).read();
    }

    private List<Token> read() {
        Matcher tag = TAG.matcher(source);
        while (at < source.length() && tag.find(at)) {
            int begin = tag.start();
            Matcher raw = RAW.matcher(source).region(begin, source.length());
            if (raw.lookingAt()) {
                data(begin, raw.group(1), false);
                advance(raw.end());
                raw();
                continue;
            }
            char kind = source.charAt(begin + 1);
            String sign = begin + 2 < source.length() && "-+".indexOf(source.charAt(begin + 2)) >= 0
                    ? source.substring(begin + 2, begin + 3)
                    : "";
            data(begin, sign, kind == '{');
            advance(begin + 2 + sign.length());
            switch (kind) {
                case '#' -> comment();
                case '%' -> inside(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END, BLOCK_END);
                default -> inside(Token.Kind.VARIABLE_BEGIN, Token.Kind.VARIABLE_END, VARIABLE_END);
            }
        }
        if (at < source.length()) {
            add(Token.Kind.DATA, source.substring(at));
        }
        tokens.add(new Token(Token.Kind.END, "", line));
        return tokens;
    }

    /** Text up to a tag; a minus takes all white space before it, and without a plus that of a line with nothing else. */
    private void data(int end, String sign, boolean isVariable) {
        String text = source.substring(at, end);
        String shown = text;
        if (sign.equals("-")) {
            shown = Chars.stripTrailing(text);
        } else if (!sign.equals("+") && !isVariable) {
            int start = text.lastIndexOf('\n') + 1;
            boolean startsLine = start > 0 || lineStarts;
            if (startsLine && start < text.length() && Chars.isBlank(text.substring(start))) {
                shown = text.substring(0, start);
            }
        }
        if (!shown.isEmpty()) {
            add(Token.Kind.DATA, shown);
        }
        advance(end);
    }

    private void raw() {
        Matcher end = RAW_END.matcher(source);
        if (!end.find(at)) {
            throw new TemplateException(line, "a raw block has no end");
        }
        data(end.start(), end.group(1), false);
        advance(end.end());
    }

    private void comment() {
        Matcher end = COMMENT_END.matcher(source);
        if (!end.find(at)) {
            throw new TemplateException(line, "a comment has no end");
        }
        advance(end.end());
    }

    private void inside(Token.Kind begin, Token.Kind end, Pattern endPattern) {
        add(begin, "");
        Deque<Character> open = new ArrayDeque<>();
        while (at < source.length()) {
            if (open.isEmpty() && matches(endPattern)) {
                take(end, "");
                return;
            }
            if (matches(SPACES)) {
                advance(at + matched.length());
            } else {
                token(open);
            }
        }
        throw new TemplateException(line, "a tag has no end");
    }

    private void token(Deque<Character> open) {
        if (matches(FLOAT)) {
            take(Token.Kind.FLOAT, matched.replace("_", ""));
        } else if (matches(INTEGER)) {
            take(Token.Kind.INTEGER, matched.replace("_", ""));
        } else if (matches(NAME)) {
            if (Character.isDigit(matched.codePointAt(0))) {
                throw new TemplateException(line, "'" + matched + "' is no name");
            }
            take(Token.Kind.NAME, matched);
        } else if (matchesString()) {
            take(Token.Kind.STRING, Chars.unescape(matched.substring(1, matched.length() - 1)));
        } else if (matches(OPERATOR)) {
            balance(matched, open);
            take(Token.Kind.OPERATOR, matched);
        } else {
            throw new TemplateException(line, "unexpected character '" + source.charAt(at) + "'");
        }
    }

    private void balance(String operator, Deque<Character> open) {
        char c = operator.charAt(0);
        if (operator.length() == 1 && "([{".indexOf(c) >= 0) {
            open.push(")]}".charAt("([{".indexOf(c)));
        } else if (operator.length() == 1 && ")]}".indexOf(c) >= 0) {
            if (open.isEmpty() || open.pop() != c) {
                throw new TemplateException(line, "unexpected '" + c + "'");
            }
        }
    }

    /** Adds what was matched, and goes on behind it. */
    private void take(Token.Kind kind, String value) {
        add(kind, value);
        advance(at + matched.length());
    }

    private void add(Token.Kind kind, String text) {
        tokens.add(new Token(kind, text, line));
    }

    private boolean matchesString() {
        char quote = source.charAt(at);
        if (quote != '\'' && quote != '"') {
            return false;
        }
        for (int i = at + 1; i < source.length(); i++) {
            if (source.charAt(i) == quote) {
                matched = source.substring(at, i + 1);
                return true;
            }
            if (source.charAt(i) == '\\') {
                i++;
            }
        }
        return false;
    }

    private boolean matches(Pattern pattern) {
        Matcher matcher = matchers.computeIfAbsent(
                pattern, // a number after a dot is not of a float, so bounds are transparent
                each -> each.matcher(source).useTransparentBounds(true));
        matcher.region(at, source.length());
        boolean matches = matcher.lookingAt();
        if (matches) {
            matched = matcher.group();
        }
        return matches;
    }

    private void advance(int to) {
        for (int i = at; i < to; i++) {
            if (source.charAt(i) == '\n') {
                line++;
            }
        }
        if (to > at) {
            lineStarts = source.charAt(to - 1) == '\n';
        }
        at = to;
    }
}
