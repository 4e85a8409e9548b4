package org.rlvr4j.bench;

import java.util.SplittableRandom;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.TensorArena;

/** Random numbers on which kernels are timed. */
final class Numbers {

    private Numbers() {}

    /** Random numbers between -1 and 1; equal seeds give equal numbers. */
    static Buffer random(TensorArena arena, long length, long seed) {
        var random = new SplittableRandom(seed);
        Buffer buffer = arena.allocate(length);
        for (long i = 0; i < length; i++) {
            buffer.set(i, random.nextDouble(-1, 1));
        }
        return buffer;
    }
}
