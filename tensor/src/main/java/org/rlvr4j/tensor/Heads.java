package org.rlvr4j.tensor;

/**
 * Head counts and head size of attention.
 *
 * @param query    H, number of query heads
 * @param keyValue G, number of key-value heads; each serves H / G query heads
 * @param size     D, number of features per head
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

    /** Factor of the scores: 1 / sqrt(D). */
    public double scale() {
        return 1 / Math.sqrt(size);
    }
}
