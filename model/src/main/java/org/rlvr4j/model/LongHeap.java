package org.rlvr4j.model;

import java.util.Arrays;

/** A priority queue of longs, smallest first. */
final class LongHeap {

    private long[] heap; // heap[i] <= heap[2i + 1], heap[2i + 2]
    private int size;

    LongHeap(int capacity) {
        heap = new long[Math.max(capacity, 1)];
    }

    boolean isEmpty() {
        return size == 0;
    }

    void offer(long value) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        int i = size++;
        for (int parent = (i - 1) / 2; i > 0 && heap[parent] > value; parent = (i - 1) / 2) {
            heap[i] = heap[parent];
            i = parent;
        }
        heap[i] = value;
    }

    /** Removes the smallest; the heap must not be empty. */
    long poll() {
        long smallest = heap[0];
        long last = heap[--size];
        int i = 0;
        for (int child = 1; child < size; child = 2 * i + 1) {
            if (child + 1 < size && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= last) {
                break;
            }
            heap[i] = heap[child];
            i = child;
        }
        heap[i] = last;
        return smallest;
    }
}
