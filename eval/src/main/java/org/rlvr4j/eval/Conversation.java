package org.rlvr4j.eval;

import org.rlvr4j.data.Problem;

/** The way from a problem to a prompt's tokens, and from a completion's tokens to text. */
public interface Conversation {

    /** A problem's prompt, up to where the model's turn begins, as token ids; not to be changed. */
    int[] prompt(Problem problem);

    /** A completion's text without special tokens. */
    String text(int[] tokens);
}
