package org.rlvr4j.model.generate;

/** Listener of a generation: receives each token as soon as it is drawn, on the generating thread. */
@FunctionalInterface
public interface TokenListener {

    /** A listener that ignores every token. */
    TokenListener SILENT = (_, _, _) -> {};

    /**
     * Called after a token was drawn.
     *
     * @param prompt prompt that the token's completion continues
     * @param sample number of the completion among the prompt's, from 0
     * @param token  id of the token, a stop token included
     */
    void drawn(Prompt prompt, int sample, int token);
}
