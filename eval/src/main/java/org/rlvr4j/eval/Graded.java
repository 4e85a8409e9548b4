package org.rlvr4j.eval;

import org.rlvr4j.model.generate.Completion;

/**
 * A completion that has been graded.
 *
 * @param response its text
 */
public record Graded(Completion completion, String response, Verdict verdict) {

    public Outcome outcome() {
        return new Outcome(verdict, completion.length(), completion.isTruncated());
    }
}
