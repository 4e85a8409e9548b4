package org.rlvr4j.cli;

import java.util.Arrays;
import java.util.function.Function;

/** Text of tokens as they come: a character whose bytes are spread over tokens is held back until it is complete. */
final class TokenText {

    private static final String REPLACEMENT = "\uFFFD"; // for an incomplete character, or bytes that are none

    private final Function<int[], String> decode;
    private int[] pending = new int[0];

    /** @param decode function from tokens to their text, with U+FFFD for bytes that are not UTF-8 */
    TokenText(Function<int[], String> decode) {
        this.decode = decode;
    }

    /** The text that a token completes; empty if there is none yet. */
    String append(int token) {
        pending = Arrays.copyOf(pending, pending.length + 1);
        pending[pending.length - 1] = token;
        return decode.apply(pending).endsWith(REPLACEMENT) ? "" : end();
    }

    /** The text that was held back. */
    String end() {
        String text = decode.apply(pending);
        pending = new int[0];
        return text;
    }
}
