package org.rlvr4j.rl.filter;

import java.util.List;
import org.rlvr4j.rl.reward.Visit;

/** Response filter: which responses of a selected group are learned from. */
public interface ResponseFilter {

    /** Use that is made of a response. */
    enum Use {
        /** It is compared with the other responses of its group, and its tokens have weight. */
        LEARNED,
        /** It is compared with the others, but its tokens have no weight. */
        COMPARED,
        /** It is as if it had not been generated. */
        DROPPED
    }

    /** Name of this filter in configurations. */
    String tag();

    /**
     * Returns the use of each response, in their order; two responses or more, if there are so many, are not dropped.
     *
     * @param visit visit of a problem, with its responses
     */
    List<Use> of(Visit visit);
}
