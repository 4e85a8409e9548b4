package org.rlvr4j.spark;

import java.io.Serializable;
import java.util.ArrayList;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;

/**
 * A version of weights, as it travels: ranges that a worker fetches if it needs them.
 *
 * @param version number of the version, from 1
 * @param whole   all ranges
 * @param changes for each range its change since the version before; null where the range is sent whole, or if there is
 *                no version before
 */
@SuppressWarnings("serial") // the lists are ArrayLists
record Weights(long version, ArrayList<Broadcast<byte[]>> whole, ArrayList<@Nullable Broadcast<byte[]>> changes)
        implements Serializable {

    /** No weights, where there are none to send. */
    static final Weights NONE = new Weights(0, new ArrayList<>(), new ArrayList<>());
}
