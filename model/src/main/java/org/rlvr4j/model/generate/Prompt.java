package org.rlvr4j.model.generate;

import java.util.Arrays;

/** Prompt: the tokens that completions continue, and an id that seeds their random streams. */
public final class Prompt {

    private final long id;
    private final int[] tokens;

    /**
     * @param id     number that selects the prompt's random streams; equal ids and seeds give equal draws
     * @param tokens token ids, at least one
     */
    public Prompt(long id, int[] tokens) {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("prompt " + id + " has no tokens");
        }
        this.id = id;
        this.tokens = tokens.clone();
    }

    public long id() {
        return id;
    }

    /** The token ids; not to be changed. */
    public int[] tokens() {
        return tokens;
    }

    @Override
    public String toString() {
        return "Prompt[" + id + ", " + Arrays.toString(tokens) + "]";
    }
}
