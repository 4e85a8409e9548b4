package org.rlvr4j.rl.filter;

/** Choice of the groups that a step learns from. */
public interface Filter {

    /** The name in configurations. */
    String tag();

    /**
     * Whether a group is learned from.
     *
     * @param accuracy of each response: 1 if correct, 0 if not, whatever its reward
     */
    boolean keeps(double[] accuracy);
}
