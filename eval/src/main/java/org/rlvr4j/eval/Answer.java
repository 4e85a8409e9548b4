package org.rlvr4j.eval;

/**
 * Answer of a model to a problem, as a verifier sees it.
 *
 * @param text      the response without special tokens
 * @param tokens    the response's token ids, the stop token included
 * @param truncated whether the limit of new tokens came before a stop token
 */
@SuppressWarnings("ArrayRecordComponent") // an answer is compared by identity
public record Answer(String text, int[] tokens, boolean truncated) {

    /**
     * An answer that is not truncated and of which only the text is known.
     *
     * @param text text of the response
     */
    public static Answer of(String text) {
        return new Answer(text, new int[0], false);
    }
}
