package org.rlvr4j.tensor;

import java.util.function.Supplier;

/**
 * Workspace of a computation: the backend that runs the kernels, and the memory of activations until {@link #release()}
 * and of their gradients until they are passed on.
 */
public final class Workspace implements AutoCloseable {

    private final Backend backend;
    private final boolean recomputing;
    private final TensorArena activations;

    /**
     * A workspace that keeps all activations for the backward pass.
     *
     * @param backend backend that computes on this workspace's tensors
     * @param type    element type: single precision, or double for the scalar backend in tests
     */
    public Workspace(Backend backend, DType type) {
        this(backend, type, false);
    }

    /**
     * @param backend   backend that computes on this workspace's tensors
     * @param type      element type: single precision, or double for the scalar backend in tests
     * @param recompute whether the inner results of a {@link Recompute} are computed again in the backward pass
     *                  instead of kept
     */
    public Workspace(Backend backend, DType type, boolean recompute) {
        this(backend, recompute, new TensorArena(type, backend.memory()));
    }

    /**
     * A workspace with {@code reserved} bytes allocated in advance as one block; it grows only if they are not enough.
     *
     * @param backend   backend that computes on this workspace's tensors
     * @param type      element type: single precision, or double for the scalar backend in tests
     * @param recompute whether the inner results of a {@link Recompute} are computed again in the backward pass
     *                  instead of kept
     * @param reserved  bytes to allocate in advance
     */
    public Workspace(Backend backend, DType type, boolean recompute, long reserved) {
        this(backend, recompute, new TensorArena(type, backend.memory(), reserved));
    }

    private Workspace(Backend backend, boolean recompute, TensorArena activations) {
        this.backend = backend;
        this.recomputing = recompute;
        this.activations = activations;
    }

    public Backend backend() {
        return backend;
    }

    public DType type() {
        return activations.type();
    }

    boolean isRecomputing() {
        return recomputing;
    }

    /**
     * Allocates {@code length} elements of unspecified content, valid until the next {@link #release()}.
     *
     * @param length number of elements
     */
    public Buffer allocate(long length) {
        return activations.allocate(length);
    }

    /** Takes one buffer back for reuse; every tensor stored in it becomes invalid. */
    void recycle(Buffer buffer) {
        activations.recycle(buffer);
    }

    /**
     * Constant with the given values, row by row: no gradient flows into it.
     *
     * @param shape  rows and columns
     * @param values the elements, row by row
     */
    public Tensor constant(Shape shape, double... values) {
        if (values.length != shape.size()) {
            throw new IllegalArgumentException(values.length + " values for a tensor of shape " + shape);
        }
        Buffer data = allocate(values.length);
        for (int i = 0; i < values.length; i++) {
            data.set(i, values[i]);
        }
        return Tensor.constant(this, shape, data);
    }

    /**
     * Constant column (n, 1).
     *
     * @param values the elements, row by row
     */
    public Tensor column(double... values) {
        return constant(new Shape(values.length, 1), values);
    }

    /** Releases every tensor of this workspace. */
    public void release() {
        activations.release();
    }

    /**
     * Runs a computation without recording it, and releases every tensor that it allocated here: its result must not
     * lie in this workspace. Earlier tensors stay valid.
     *
     * @param <T>  type of the computation's result
     * @param body the computation
     */
    public <T> T scoped(Supplier<T> body) {
        TensorArena.Mark mark = mark();
        try {
            return NoGrad.call(body);
        } finally {
            release(mark);
        }
    }

    TensorArena.Mark mark() {
        return activations.mark();
    }

    /** Releases every tensor allocated here since the mark. */
    void release(TensorArena.Mark mark) {
        activations.release(mark);
    }

    /** Largest number of bytes that activations and their gradients have occupied at one time. */
    public long peak() {
        return activations.peak();
    }

    /** Bytes allocated from the operating system so far. */
    public long capacity() {
        return activations.capacity();
    }

    @Override
    public void close() {
        activations.close();
    }
}
