package org.rlvr4j.rl;

/** Which groups are learned from. */
public enum Filter {
    /** Every group. */
    ALL,
    /** DAPO's dynamic sampling: groups in which some responses are correct and some are not, and groups of one. */
    CONTRAST;

    /**
     * Whether a group is learned from.
     *
     * @param accuracy of each response: 1 if correct, 0 if not, whatever its reward
     */
    public boolean keeps(double[] accuracy) {
        return switch (this) {
            case ALL -> true;
            case CONTRAST -> accuracy.length == 1 || Moments.of(accuracy, 0).std() > 0;
        };
    }
}
