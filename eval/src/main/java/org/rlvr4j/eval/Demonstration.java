package org.rlvr4j.eval;

/**
 * Demonstration: tokens of an example, with those that are learned marked. The others are only read.
 *
 * @param place   file and line that the example is from, for messages
 * @param tokens  ids of all tokens
 * @param learned whether each token is learned; never the first, which no token predicts
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity
public record Demonstration(String place, int[] tokens, boolean[] learned) {

    /** @throws IllegalArgumentException if nothing is learned, or the sizes do not fit one another */
    public Demonstration {
        if (tokens.length != learned.length) {
            throw new IllegalArgumentException(tokens.length + " tokens, and marks for " + learned.length);
        }
        if (tokens.length > 0 && learned[0]) {
            learned = learned.clone();
            learned[0] = false;
        }
        if (count(learned) == 0) {
            throw new IllegalArgumentException(place + ": has no token to learn");
        }
    }

    /** Number of all tokens. */
    public int length() {
        return tokens.length;
    }

    /** Number of tokens that are learned. */
    public int learnedTokens() {
        return count(learned);
    }

    private static int count(boolean[] marks) {
        int count = 0;
        for (boolean mark : marks) {
            count += mark ? 1 : 0;
        }
        return count;
    }
}
