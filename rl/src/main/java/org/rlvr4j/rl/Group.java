package org.rlvr4j.rl;

import java.util.Arrays;
import java.util.List;
import org.rlvr4j.data.Problem;
import org.rlvr4j.rl.reward.Visit;

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

    /** The outcomes of the responses, which are all that advantages and filters see. */
    public Visit visit() {
        return new Visit(
                problem.key(), responses.stream().map(Response::outcome).toList());
    }

    /** Whether some responses are correct and some are not, so that they can be told apart. */
    public boolean hasContrast() {
        return Arrays.stream(visit().accuracy()).distinct().count() > 1;
    }
}
