package org.rlvr4j.rl;

import java.util.List;
import org.rlvr4j.data.Problem;

/**
 * All responses to one problem in one step, which are compared with one another.
 *
 * @param problem   the question that all of them answer
 * @param responses in the order of their sample numbers
 */
public record Group(Problem problem, List<Response> responses) {

    public Group {
        responses = List.copyOf(responses);
    }

    /** Reward of each response. */
    public double[] rewards() {
        return responses.stream().mapToDouble(Response::reward).toArray();
    }

    /** Of each response, 1 if it is correct and 0 if not. */
    public double[] accuracy() {
        return responses.stream()
                .mapToDouble(response -> response.verdict().correct() ? 1 : 0)
                .toArray();
    }
}
