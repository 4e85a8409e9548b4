package org.rlvr4j.rl.filter;

import java.util.Collections;
import java.util.List;
import org.rlvr4j.rl.reward.Visit;

/** Response filter that learns from every response. */
public record AllResponses() implements ResponseFilter {

    @Override
    public String tag() {
        return "ALL";
    }

    @Override
    public List<Use> of(Visit visit) {
        return Collections.nCopies(visit.size(), Use.LEARNED);
    }
}
