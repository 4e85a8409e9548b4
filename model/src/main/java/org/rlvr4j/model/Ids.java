package org.rlvr4j.model;

import java.util.Arrays;

/** A growing array of token ids. */
final class Ids {

    private int[] ids = new int[64];
    private int size;

    void add(int id) {
        reserve(1);
        ids[size++] = id;
    }

    void add(int[] more) {
        reserve(more.length);
        System.arraycopy(more, 0, ids, size, more.length);
        size += more.length;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }

    private void reserve(int more) {
        if (more > ids.length - size) {
            ids = Arrays.copyOf(ids, Math.max(size + more, 2 * size));
        }
    }
}
