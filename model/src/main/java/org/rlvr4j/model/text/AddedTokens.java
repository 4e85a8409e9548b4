package org.rlvr4j.model.text;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Added tokens, which are found in a text by their spelling, before it is split into words. */
final class AddedTokens {

    private static final BitSet WORD_TYPES = wordTypes();

    private final List<Token> longestFirst;
    private final int shortest;
    private final BitSet firstChars = new BitSet();
    private final BitSet laterChars = new BitSet(); // at the index where the shortest token ends

    AddedTokens(List<Token> tokens) {
        longestFirst = tokens.stream()
                .sorted(Comparator.comparingInt((Token token) -> -token.content.length())
                        .thenComparing(token -> !token.special)) // of two with the same normal form the special one
                .toList();
        shortest = tokens.isEmpty() ? 1 : longestFirst.getLast().content.length();
        tokens.forEach(token -> firstChars.set(token.content.charAt(0)));
        tokens.forEach(token -> laterChars.set(token.content.charAt(shortest - 1)));
    }

    /**
     * Passes the tokens found to {@code out} and the text between them to {@code between}, in the order of the text.
     *
     * <p>The search goes on right after the spelling of a token, as in Hugging Face's tokenizers: a token that does not stand
     * alone hides others within it, and a token of white space is found in the white space that the one before takes in.
     */
    void split(String text, IntConsumer out, Consumer<String> between) {
        int passedOn = 0;
        int blankTo = 0; // end of the white space that was looked at last
        for (int i = 0; i <= text.length() - shortest; i++) {
            boolean candidate = firstChars.get(text.charAt(i)) && laterChars.get(text.charAt(i + shortest - 1));
            Token token = candidate ? at(text, i) : null;
            if (token == null) {
                continue;
            }
            int end = i + token.content.length();
            if (!token.singleWord || standsAlone(text, i, end)) {
                int start = token.lstrip ? Math.max(i, passedOn) : i;
                while (token.lstrip && start > passedOn && isSpace(text.charAt(start - 1))) {
                    start--;
                }
                if (start > passedOn) {
                    between.accept(text.substring(passedOn, start));
                }
                passedOn = end;
                if (token.rstrip) {
                    blankTo = Math.max(blankTo, end);
                    while (blankTo < text.length() && isSpace(text.charAt(blankTo))) {
                        blankTo++;
                    }
                    passedOn = blankTo;
                }
                if (start < passedOn) { // else all of it was taken in before
                    out.accept(token.id);
                }
            }
            i = end - 1;
        }
        if (passedOn < text.length()) {
            between.accept(text.substring(passedOn));
        }
    }

    private @Nullable Token at(String text, int i) {
        for (Token token : longestFirst) {
            if (text.startsWith(token.content, i)) {
                return token;
            }
        }
        return null;
    }

    private static boolean standsAlone(String text, int from, int to) {
        return (from == 0 || !isWord(text.codePointBefore(from)))
                && (to == text.length() || !isWord(text.codePointAt(to)));
    }

    private static boolean isSpace(char c) {
        return Character.isSpaceChar(c) || (c >= '\t' && c <= '\r') || c == 0x85; // Unicode's White_Space
    }

    /** Whether a character is matched by {@code \w} of Unicode's regular expressions. */
    private static boolean isWord(int c) {
        return Character.isAlphabetic(c) || WORD_TYPES.get(Character.getType(c)) || c == 0x200c || c == 0x200d;
    }

    private static BitSet wordTypes() {
        var types = new BitSet();
        types.set(Character.NON_SPACING_MARK);
        types.set(Character.COMBINING_SPACING_MARK);
        types.set(Character.ENCLOSING_MARK);
        types.set(Character.DECIMAL_DIGIT_NUMBER);
        types.set(Character.CONNECTOR_PUNCTUATION);
        return types;
    }

    /**
     * Entry of {@code added_tokens}.
     *
     * @param singleWord whether the token is found only where no character of a word adjoins
     * @param lstrip     whether the token takes in the white space before it
     * @param rstrip     whether the token takes in the white space after it
     * @param normalized whether the token is looked for in the normalised text
     * @param special    whether decoded text can leave the token out
     */
    record Token(
            int id,
            String content,
            boolean singleWord,
            boolean lstrip,
            boolean rstrip,
            boolean normalized,
            boolean special) {

        /** This token, spelled as it is found in a text in normal form C. */
        Token composed() {
            return new Token(id, NormalForm.compose(content), singleWord, lstrip, rstrip, normalized, special);
        }
    }
}
