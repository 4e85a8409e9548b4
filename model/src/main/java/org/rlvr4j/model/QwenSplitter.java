package org.rlvr4j.model;

/** The splitting expression of Qwen2 and its successors, in one pass without backtracking. */
final class QwenSplitter implements Splitter {

    /** The expression whose alternatives {@link #end} tries in order. */
    static final String REGEX = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final byte OTHER = 0;
    private static final byte LETTER = 1;
    private static final byte NUMBER = 2;
    private static final byte SPACE = 3;
    private static final byte[] KINDS = new byte[1 << 16]; // of the characters of the basic plane

    static {
        for (int c = 0; c < KINDS.length; c++) {
            KINDS[c] = kind(c);
        }
    }

    @Override
    public void split(char[] text, Words words) {
        for (int from = 0; from < text.length; ) {
            int to = end(text, from);
            words.word(from, to);
            from = to;
        }
    }

    private static int end(char[] text, int from) {
        char c = text[from];
        byte kind = kind(text, from);
        int next = from + width(text, from);
        if (c == '\'') {
            int end = contractionEnd(text, next);
            if (end > next) {
                return end;
            }
        }
        if (kind == LETTER) {
            return runEnd(text, next, LETTER);
        }
        if (kind == NUMBER) {
            return next;
        }
        byte nextKind = next < text.length ? kind(text, next) : SPACE;
        if (nextKind == LETTER && !isNewline(c)) {
            return runEnd(text, next, LETTER);
        }
        if (kind == OTHER || (c == ' ' && nextKind == OTHER)) {
            int end = runEnd(text, next, OTHER);
            while (end < text.length && isNewline(text[end])) {
                end++;
            }
            return end;
        }
        return spaceEnd(text, from);
    }

    /** White space ends after its last newline, or else before its last character if a word follows. */
    private static int spaceEnd(char[] text, int from) {
        int end = runEnd(text, from, SPACE);
        for (int i = end; i > from; i--) {
            if (isNewline(text[i - 1])) {
                return i;
            }
        }
        return end == text.length || end == from + 1 ? end : end - 1;
    }

    private static int contractionEnd(char[] text, int i) {
        int first = i < text.length ? lower(text[i]) : ' ';
        int second = i + 1 < text.length ? lower(text[i + 1]) : ' ';
        return switch (first) {
            case 's', 't', 'm', 'd' -> i + 1;
            case 'r', 'v' -> second == 'e' ? i + 2 : i;
            case 'l' -> second == 'l' ? i + 2 : i;
            default -> i;
        };
    }

    private static int lower(char c) {
        return Character.toLowerCase(Character.toUpperCase((int) c)); // by way of upper case, as of the long s
    }

    private static int runEnd(char[] text, int from, byte kind) {
        int i = from;
        while (i < text.length && kind(text, i) == kind) {
            i += width(text, i);
        }
        return i;
    }

    private static boolean isNewline(char c) {
        return c == '\n' || c == '\r';
    }

    private static int width(char[] text, int i) {
        return Character.isHighSurrogate(text[i]) ? Character.charCount(Character.codePointAt(text, i)) : 1;
    }

    private static byte kind(char[] text, int i) {
        char c = text[i];
        return Character.isHighSurrogate(c) ? kind(Character.codePointAt(text, i)) : KINDS[c];
    }

    private static byte kind(int c) {
        if (Splitter.isSpace(c)) {
            return SPACE;
        }
        return switch (Character.getType(c)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            default -> Character.isLetter(c) ? LETTER : OTHER;
        };
    }
}
