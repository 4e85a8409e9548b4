package org.rlvr4j.rl.filter;

import java.util.List;
import org.rlvr4j.rl.reward.Visit;

/**
 * Response filter of DAPO's overlong filtering: responses that were cut off count in the comparison, but nothing is learned
 * from them.
 *
 * @see <a href="https://arxiv.org/abs/2503.14476">Yu et al., 2025</a>, section 3.4
 */
public record Finished() implements ResponseFilter {

    @Override
    public String tag() {
        return "FINISHED";
    }

    @Override
    public List<Use> of(Visit visit) {
        return visit.outcomes().stream()
                .map(outcome -> outcome.truncated() ? Use.COMPARED : Use.LEARNED)
                .toList();
    }
}
