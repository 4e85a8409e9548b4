package org.rlvr4j.model.text;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Added tokens, which are found in a text by their spelling, before it is split into words. */
final class AddedTokens {

    private final List<Token> longestFirst;
    private final int shortest;
    private final BitSet firstChars = new BitSet();
    private final BitSet laterChars = new BitSet(); // at the index where the shortest token ends

    AddedTokens(List<Token> tokens) {
        longestFirst = tokens.stream()
                .sorted(Comparator.comparingInt((Token token) -> token.content.length())
                        .reversed())
                .toList();
        shortest = tokens.isEmpty() ? 1 : longestFirst.getLast().content.length();
        tokens.forEach(token -> firstChars.set(token.content.charAt(0)));
        tokens.forEach(token -> laterChars.set(token.content.charAt(shortest - 1)));
    }

    /** Passes the tokens found to {@code out} and the text between them to {@code between}, in the order of the text. */
    void split(String text, IntConsumer out, Consumer<String> between) {
        int passedOn = 0;
        for (int i = 0; i <= text.length() - shortest; i++) {
            boolean candidate = firstChars.get(text.charAt(i)) && laterChars.get(text.charAt(i + shortest - 1));
            Token token = candidate ? at(text, i) : null;
            if (token != null) {
                int start = i;
                while (token.lstrip && start > passedOn && isSpace(text.charAt(start - 1))) {
                    start--;
                }
                if (start > passedOn) {
                    between.accept(text.substring(passedOn, start));
                }
                out.accept(token.id);
                passedOn = i + token.content.length();
                while (token.rstrip && passedOn < text.length() && isSpace(text.charAt(passedOn))) {
                    passedOn++;
                }
                i = passedOn - 1;
            }
        }
        if (passedOn < text.length()) {
            between.accept(text.substring(passedOn));
        }
    }

    private @Nullable Token at(String text, int i) {
        for (Token token : longestFirst) {
            if (text.startsWith(token.content, i)) {
                int end = i + token.content.length();
                boolean inWord = (i > 0 && isWord(text.codePointBefore(i)))
                        || (end < text.length() && isWord(text.codePointAt(end)));
                return token.singleWord && inWord ? null : token;
            }
        }
        return null;
    }

    private static boolean isSpace(char c) {
        return Character.isSpaceChar(c) || (c >= '\t' && c <= '\r') || c == 0x85; // Unicode's White_Space
    }

    private static boolean isWord(int c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    /**
     * Entry of {@code added_tokens}.
     *
     * @param singleWord whether the token is found only where no letter or digit adjoins
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
            boolean special) {}
}
