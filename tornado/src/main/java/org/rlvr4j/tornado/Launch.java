package org.rlvr4j.tornado;

import org.rlvr4j.tensor.Buffer;

/**
 * Launch of a kernel: its arguments, each by its name, and then the grid of threads.
 *
 * <p>A name is the argument's place in the control array, a constant that the kernel reads it by. Arguments that are not
 * set are zero.
 */
final class Launch {

    private final DeviceMemory memory;
    private final Kernel kernel;
    private final int[] integers = new int[Program.INTEGERS];
    private final float[] reals = new float[Program.REALS];
    private int named; // a bit for each integer that is set

    Launch(DeviceMemory memory, Kernel kernel) {
        this.memory = memory;
        this.kernel = kernel;
    }

    /** Sets a size, a place in the device's memory, or another integer. */
    Launch set(int name, int value) {
        if ((named & (1 << name)) != 0) {
            throw new IllegalArgumentException("argument " + name + " of kernel " + kernel.source() + " is set twice");
        }
        named |= 1 << name;
        integers[name] = value;
        return this;
    }

    /** Sets a real number. */
    Launch setReal(int name, double value) {
        reals[name] = (float) value;
        return this;
    }

    /** Sets the place of a buffer that the kernel reads. */
    Launch read(int name, Buffer buffer) {
        return set(name, memory.read(buffer));
    }

    /** Sets the place of a buffer all of which the kernel sets. */
    Launch write(int name, Buffer buffer) {
        return set(name, memory.write(buffer));
    }

    /** Sets the place of a buffer that the kernel changes. */
    Launch update(int name, Buffer buffer) {
        return set(name, memory.update(buffer));
    }

    /** Runs the kernel in so many groups of threads. */
    void runGroups(long count) {
        memory.program().run(kernel, count, 1, integers, reals);
    }

    /** Runs the kernel in at least so many threads. */
    void runThreads(long count) {
        runThreads(count, 1);
    }

    /** Runs the kernel in at least so many threads in each direction. */
    void runThreads(long x, long y) {
        memory.program()
                .run(kernel, Math.ceilDiv(x, kernel.localX()), Math.ceilDiv(y, kernel.localY()), integers, reals);
    }
}
