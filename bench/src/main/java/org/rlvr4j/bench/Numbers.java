package org.rlvr4j.bench;

import java.util.SplittableRandom;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.TensorArena;

/** Random numbers on which kernels are timed. */
final class Numbers {

    private static final long DRAWN = 1 << 20;

    private Numbers() {}

    /** Random numbers between -1 and 1; equal seeds give equal numbers. */
    static Buffer random(TensorArena arena, long length, long seed) {
        Buffer buffer = arena.allocate(length);
        draw(buffer, 1, seed);
        return buffer;
    }

    private static void draw(Buffer buffer, double most, long seed) {
        var random = new SplittableRandom(seed);
        for (long i = 0; i < buffer.length(); i++) {
            buffer.set(i, random.nextDouble(-most, most));
        }
    }

    /** Fills a buffer with random numbers between -most and most, which repeat after a million: of a model's size, fast. */
    static void fill(Buffer buffer, double most, long seed) {
        long done = Math.min(DRAWN, buffer.length());
        draw(buffer.slice(0, done), most, seed);
        while (done < buffer.length()) {
            long more = Math.min(done, buffer.length() - done);
            buffer.slice(done, more).copyFrom(buffer.slice(0, more));
            done += more;
        }
    }
}
