package org.rlvr4j.model.text.template.value;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.Chars;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Python's text: counted and cut by code points. */
public final class Strings {

    private Strings() {}

    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** One text per character. */
    static List<Object> characters(String text) {
        Budget.size(text.length());
        var characters = new ArrayList<Object>();
        text.codePoints().forEach(c -> characters.add(Character.toString(c)));
        return characters;
    }

    /** The place of character {@code i} in UTF-16; of one beyond the end, the end. */
    static int offset(String text, int i) {
        return i >= length(text) ? text.length() : text.offsetByCodePoints(0, i);
    }

    static int compare(String a, String b) {
        int[] x = a.codePoints().toArray();
        int[] y = b.codePoints().toArray();
        return java.util.Arrays.compare(x, y);
    }

    /** The text between two characters, as Python's slices clamp them. */
    static String between(String text, int start, int stop) {
        return start >= stop ? "" : text.substring(offset(text, start), offset(text, stop));
    }

    /** Python's {@code repr} of a text. */
    static void repr(String text, StringBuilder out) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (isPrintable(c)) {
                        out.appendCodePoint(c);
                    } else {
                        String format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
                        out.append(format.formatted(c));
                    }
                }
            }
        });
        out.append(quote);
    }

    static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    /** Without characters at both ends: white space, or those of a set. */
    public static String strip(String text, @Nullable String set, boolean leading, boolean trailing) {
        int[] characters = text.codePoints().toArray();
        int start = 0;
        int end = characters.length;
        while (leading && start < end && isStripped(characters[start], set)) {
            start++;
        }
        while (trailing && end > start && isStripped(characters[end - 1], set)) {
            end--;
        }
        return new String(characters, start, end - start);
    }

    private static boolean isStripped(int c, @Nullable String set) {
        return set == null ? Chars.isSpace(c) : set.indexOf(c) >= 0;
    }

    /** Python's {@code split}, from the left or the right. */
    static List<@Nullable Object> split(String text, @Nullable String separator, int most, boolean fromRight) {
        Budget.size(text.length());
        int limit = most < 0 ? Integer.MAX_VALUE : most;
        if (separator == null) {
            return fromRight ? words(reversed(text), limit, true) : words(text, limit, false);
        }
        if (separator.isEmpty()) {
            throw new TemplateException("cannot split by an empty text");
        }
        var parts = new ArrayList<@Nullable Object>();
        int end = text.length();
        int start = 0;
        for (int i = 0; i < limit; i++) {
            int at = fromRight ? text.lastIndexOf(separator, end - separator.length()) : text.indexOf(separator, start);
            if (at < 0 || (fromRight && end < separator.length())) {
                break;
            }
            Budget.step();
            if (fromRight) {
                parts.addFirst(text.substring(at + separator.length(), end));
                end = at;
            } else {
                parts.add(text.substring(start, at));
                start = at + separator.length();
            }
        }
        if (fromRight) {
            parts.addFirst(text.substring(0, end));
        } else {
            parts.add(text.substring(start));
        }
        return parts;
    }

    private static List<@Nullable Object> words(String text, int limit, boolean isReversed) {
        var words = new ArrayList<@Nullable Object>();
        String rest = Chars.stripLeading(text);
        while (!rest.isEmpty()) {
            Budget.step();
            int end = 0;
            while (end < rest.length() && !Chars.isSpace(rest.charAt(end))) {
                end++;
            }
            if (words.size() == limit) {
                end = rest.length();
            }
            String word = rest.substring(0, end);
            if (isReversed) {
                words.addFirst(reversed(word));
            } else {
                words.add(word);
            }
            rest = Chars.stripLeading(rest.substring(end));
        }
        return words;
    }

    public static String reversed(String text) {
        return new StringBuilder(text).reverse().toString(); // keeps pairs of surrogates together
    }

    /** Python's {@code splitlines}. */
    public static List<@Nullable Object> lines(String text, boolean keepEnds) {
        Budget.size(text.length());
        var lines = new ArrayList<@Nullable Object>();
        int start = 0;
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            boolean ends =
                    (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
            int next = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n' ? i + 2 : i + 1;
            if (ends) {
                lines.add(text.substring(start, keepEnds ? next : i));
                start = next;
            }
            i = ends ? next : i + 1;
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    public static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    public static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** For comparisons without case. */
    static String folded(String text) {
        String lower = lower(text).replace("ß", "ss");
        if (!lower.equals(lower(upper(text)))) {
            throw new TemplateException("unsupported: casefold of " + lower);
        }
        return lower;
    }

    public static String capitalized(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        return titled(first) + lower(text.substring(Character.charCount(first)));
    }

    private static String titled(int c) {
        String upper = upper(Character.toString(c));
        return upper.length() > 1 && Character.charCount(upper.codePointAt(0)) < upper.length()
                ? Character.toString(upper.codePointAt(0)) + lower(upper.substring(1))
                : Character.toString(Character.toTitleCase(c));
    }

    /** Python's {@code title}: a word begins where a cased character follows one that is not. */
    static String title(String text) {
        var title = new StringBuilder();
        boolean inside = false;
        for (int c : text.codePoints().toArray()) {
            title.append(inside ? lower(Character.toString(c)) : titled(c));
            inside = isCased(c);
        }
        return title.toString();
    }

    static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    static String swapped(String text) {
        var swapped = new StringBuilder();
        text.codePoints()
                .forEach(c -> swapped.append(
                        Character.isUpperCase(c)
                                ? lower(Character.toString(c))
                                : Character.isLowerCase(c) ? upper(Character.toString(c)) : Character.toString(c)));
        return swapped.toString();
    }

    /** Python's {@code replace}: all, or the first {@code most}. */
    public static String replaced(String text, String old, String by, int most) {
        int limit = most < 0 ? Integer.MAX_VALUE : most;
        var replaced = new StringBuilder();
        int start = 0;
        int count = 0;
        if (old.isEmpty()) {
            for (Object c : characters(text)) {
                if (count++ < limit) {
                    append(replaced, by);
                }
                append(replaced, String.valueOf(c));
            }
            return count < limit ? append(replaced, by).toString() : replaced.toString();
        }
        for (int at = text.indexOf(old); at >= 0 && count < limit; at = text.indexOf(old, start)) {
            append(replaced, text.substring(start, at));
            append(replaced, by);
            start = at + old.length();
            count++;
        }
        return append(replaced, text.substring(start)).toString();
    }

    private static StringBuilder append(StringBuilder text, String part) {
        if (text.length() + part.length() > Budget.MAX_SIZE) {
            Budget.size(Long.MAX_VALUE / 4);
        }
        Budget.size(part.length());
        return text.append(part);
    }

    /** Filled up to a width. */
    public static String padded(String text, int width, String fill, boolean left, boolean right) {
        if (length(fill) != 1) {
            throw new TemplateException("text is filled up by one character, not by " + length(fill));
        }
        int missing = Math.max(0, width - length(text));
        Budget.size(missing);
        int before = left && right ? missing / 2 + (missing & width & 1) : left ? missing : 0;
        return fill.repeat(before) + text + fill.repeat(right ? missing - before : 0);
    }
}
