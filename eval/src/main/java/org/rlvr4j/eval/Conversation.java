package org.rlvr4j.eval;

import org.rlvr4j.data.Problem;

/** Conversation with a model: turns a problem into a prompt's tokens, and a completion's tokens into text. */
public interface Conversation {

    /**
     * Token ids of a problem's prompt, up to the beginning of the model's turn; not to be changed.
     *
     * @param problem the problem
     */
    int[] prompt(Problem problem);

    /**
     * A completion's text without special tokens.
     *
     * @param tokens ids of the completion's tokens
     */
    String text(int[] tokens);
}
