package org.rlvr4j.tensor.math;

/**
 * The order in which numbers are summed: number i belongs to lane i mod 32, each lane is a chain in the order of i, and
 * the lanes are added by halves, lane l and lane l + 16, then l and l + 8, down to one.
 *
 * <p>A processor's vectors hold some of the lanes each, a device's warp all of them; so sums have the same bits
 * whatever the width. Backends sum in this way where the numbers of a sum lie side by side: norms, exponentials and
 * entropies.
 */
public final class Lanes {

    /** Number of lanes. */
    public static final int COUNT = 32;

    /** Numbers of a long sum, of logits or squares, that are summed in single precision; these sums add in double. */
    public static final int PART = 1024;

    /** Numbers of a sum of squares whose parts are added up before the sums of such runs are. */
    public static final int RUN = 16 * PART;

    /** Positions of one part of attention's softmax, which has a maximum, a sum and a result of its own. */
    public static final int POSITIONS = 128;

    private Lanes() {}
}
