package org.rlvr4j.eval;

import org.rlvr4j.model.generate.Completion;

/**
 * Graded completion.
 *
 * @param completion the completion
 * @param response   text of the completion
 * @param verdict    judgement of its final answer
 */
public record Graded(Completion completion, String response, Verdict verdict) {

    public Outcome outcome() {
        return new Outcome(verdict, completion.length(), completion.isTruncated());
    }
}
