package org.rlvr4j.tensor;

/**
 * How attention is divided.
 *
 * @param query    H, heads of the queries
 * @param keyValue G, heads of the keys and values; each serves H / G query heads
 * @param size     D, features of one head
 */
public record Heads(int query, int keyValue, int size) {

    public Heads {
        if (query < 1 || keyValue < 1 || size < 2 || size % 2 != 0 || query % keyValue != 0) {
            throw new IllegalArgumentException(
                    "cannot share " + keyValue + " key-value heads among " + query + " query heads of size " + size);
        }
    }

    /** Query heads served by one key-value head. */
    public int perGroup() {
        return query / keyValue;
    }

    /** What scores are multiplied by: 1 / sqrt(D). */
    public double scale() {
        return 1 / Math.sqrt(size);
    }
}
