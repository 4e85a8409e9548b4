package org.rlvr4j.model.text.template.syntax;

/** Characters as Python sees them: which are white space, and what escapes in strings stand for. */
public final class Chars {

    /** Pattern of one character of white space. */
    public static final String SPACE =
            "[\\x09-\\x0d\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

    private Chars() {}

    public static boolean isSpace(int c) {
        return (c >= 0x09 && c <= 0x0d)
                || (c >= 0x1c && c <= 0x20)
                || c == 0x85
                || c == 0xa0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200a)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202f
                || c == 0x205f
                || c == 0x3000;
    }

    /** Whether there is nothing but white space. */
    public static boolean isBlank(String text) {
        return text.chars().allMatch(Chars::isSpace);
    }

    public static String stripTrailing(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    public static String stripLeading(String text) {
        int start = 0;
        while (start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }

    /** Text of a string literal; an escape that is none stays as it is. */
    public static String unescape(String literal) {
        if (literal.indexOf('\\') < 0) {
            return literal;
        }
        var text = new StringBuilder();
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escaped = literal.charAt(++i);
            switch (escaped) {
                case '\n' -> {}
                case '\\', '\'', '"' -> text.append(escaped);
                case 'a' -> text.append('\u0007');
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'v' -> text.append('\u000b');
                case 'x' -> i = hex(literal, i, 2, text);
                case 'u' -> i = hex(literal, i, 4, text);
                case 'U' -> i = hex(literal, i, 8, text);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> i = octal(literal, i, text);
                case 'N' -> throw new TemplateException("unsupported escape \\N in a string");
                default -> text.append('\\').append(escaped);
            }
        }
        return text.toString();
    }

    private static int hex(String literal, int at, int digits, StringBuilder text) {
        int end = at + 1 + digits;
        if (end > literal.length() || !literal.substring(at + 1, end).matches("[0-9a-fA-F]+")) {
            throw new TemplateException("a string has an escape of too few digits");
        }
        long code = Long.parseLong(literal.substring(at + 1, end), 16);
        if (code > Character.MAX_CODE_POINT) {
            throw new TemplateException("a string has an escape of no character");
        }
        text.appendCodePoint((int) code);
        return end - 1;
    }

    private static int octal(String literal, int at, StringBuilder text) {
        int end = at;
        int code = 0;
        while (end < literal.length() && end < at + 3 && literal.charAt(end) >= '0' && literal.charAt(end) <= '7') {
            code = 8 * code + literal.charAt(end++) - '0';
        }
        text.appendCodePoint(code);
        return end - 1;
    }
}
