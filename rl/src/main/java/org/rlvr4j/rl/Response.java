package org.rlvr4j.rl;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.rlvr4j.eval.Graded;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.rl.reward.Outcome;

/**
 * Response: a completion with its verdict and reward.
 *
 * @param graded completion, its text and its verdict
 * @param reward reward of the verdict, shaped by the response's length
 * @param parts  parts by name, whose weighted sum is the reward
 */
public record Response(Graded graded, double reward, Map<String, Outcome.Part> parts) {

    private static final String SHAPING = "OVERLONG"; // the axis

    public Response {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    /** The response with the reward that a method gives it. */
    static Response of(Graded graded, Method method) {
        Completion completion = graded.completion();
        double reward = method.reward().of(graded.verdict());
        double shaped = method.overlong().shaped(reward, completion.length(), completion.isTruncated());
        var parts = new LinkedHashMap<>(method.reward().parts(graded.verdict()));
        if (method.overlong().acts()) {
            parts.put(SHAPING, new Outcome.Part(1, shaped - reward));
        }
        return new Response(graded, shaped, parts);
    }

    /** The outcome, which is all that advantages and filters see. */
    public Outcome outcome() {
        return new Outcome(
                reward,
                parts,
                completion().length(),
                verdict().correct(),
                completion().isTruncated());
    }

    /** The completion's tokens, with the log-probability that the policy gave to each. */
    public Completion completion() {
        return graded.completion();
    }

    /** The completion's text without special tokens. */
    public String text() {
        return graded.response();
    }

    /** The verdict on the completion's answer. */
    public Verdict verdict() {
        return graded.verdict();
    }
}
