package org.rlvr4j.tensor;

import java.util.function.Supplier;

/**
 * Where a computation happens: the backend that runs the kernels, and the memory its activations live in until
 * {@link #release()}, and their gradients until they have been passed on.
 */
public final class Workspace implements AutoCloseable {

    private final Backend backend;
    private final boolean recomputing;
    private final TensorArena activations;

    /** A workspace that keeps all activations for the backward pass. */
    public Workspace(Backend backend, DType type) {
        this(backend, type, false);
    }

    /**
     * @param type      the elements' type: single precision, or double for the scalar backend in tests
     * @param recompute whether what is inside a {@link Recompute} is computed again for the backward pass, not kept
     */
    public Workspace(Backend backend, DType type, boolean recompute) {
        this(backend, recompute, new TensorArena(type, backend.memory()));
    }

    /** The same with so many bytes from the start, which keeps them together; it grows only if they are not enough. */
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

    /** Memory of unspecified content, until the next {@link #release()}. */
    public Buffer allocate(long length) {
        return activations.allocate(length);
    }

    /** Ends the life of one buffer, and of every tensor that lies in it. */
    void recycle(Buffer buffer) {
        activations.recycle(buffer);
    }

    /** A constant: rows of numbers that no gradient flows into. */
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

    /** A constant column. */
    public Tensor column(double... values) {
        return constant(new Shape(values.length, 1), values);
    }

    /** Ends the life of every tensor made here. */
    public void release() {
        activations.release();
    }

    /**
     * Runs a computation without recording it, and ends the life of every tensor that it made here: what it returns must
     * not lie in the workspace. Tensors made before it stay.
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

    /** Ends the life of every tensor made here since the mark. */
    void release(TensorArena.Mark mark) {
        activations.release(mark);
    }

    /** Bytes that activations and their gradients have needed at their peak. */
    public long peak() {
        return activations.peak();
    }

    /** Bytes taken of the machine's memory so far. */
    public long capacity() {
        return activations.capacity();
    }

    @Override
    public void close() {
        activations.close();
    }
}
