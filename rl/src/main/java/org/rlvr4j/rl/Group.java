package org.rlvr4j.rl;

import java.util.Arrays;
import java.util.List;
import org.rlvr4j.data.Problem;

/**
 * Group: all responses to one problem in one step, which are compared with one another.
 *
 * @param problem   problem that all responses answer
 * @param responses responses in the order of their sample numbers
 */
public record Group(Problem problem, List<Response> responses) {

    public Group {
        responses = List.copyOf(responses);
    }

    /** Reward of each response, in the order of the responses. */
    public double[] rewards() {
        return responses.stream().mapToDouble(Response::reward).toArray();
    }

    /** Accuracy of each response, in the order of the responses: 1 if it is correct, otherwise 0. */
    public double[] accuracy() {
        return responses.stream()
                .mapToDouble(response -> response.verdict().correct() ? 1 : 0)
                .toArray();
    }

    /** Whether some responses are correct and some are not, so that they can be told apart. */
    public boolean hasContrast() {
        return Arrays.stream(accuracy()).distinct().count() > 1;
    }
}
