package org.rlvr4j.rl.filter;

/** Filter of the groups that a step learns from. */
public interface Filter {

    /** Name of this filter in configurations. */
    String tag();

    /**
     * Returns whether the policy learns from a group.
     *
     * @param accuracy accuracy of each response: 1 if it is correct, 0 if not, whatever its reward
     */
    boolean keeps(double[] accuracy);

    /** Condition of the groups that are kept, as the end of a sentence: "all groups that ...". */
    String condition();
}
