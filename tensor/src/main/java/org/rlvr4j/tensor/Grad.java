package org.rlvr4j.tensor;

import org.jspecify.annotations.Nullable;

/** Gradient of one tensor during one or more backward passes: its memory, and its {@link State}. */
final class Grad {

    /** State of a gradient. */
    enum State {
        /** No gradient flows here: the tensor is a constant. */
        NONE,
        /** Nothing has been added yet; the content of the memory, if any, is meaningless. */
        EMPTY,
        /** The memory holds the sum of all parts so far. */
        SUM,
        /** The sum was passed on to the operation's inputs, and its memory serves another gradient. */
        PASSED_ON
    }

    private final Workspace workspace;
    private final Shape shape;
    private final Layout layout;
    private @Nullable Buffer buffer;
    private State state;

    private Grad(Workspace workspace, Shape shape, Layout layout, @Nullable Buffer buffer, State state) {
        this.workspace = workspace;
        this.shape = shape;
        this.layout = layout;
        this.buffer = buffer;
        this.state = state;
    }

    /** Gradient of a constant. */
    static Grad none(Workspace workspace, Shape shape) {
        return new Grad(workspace, shape, Layout.ROWS, null, State.NONE);
    }

    /** Gradient whose memory is allocated in the workspace when the first part is added. */
    static Grad empty(Workspace workspace, Shape shape, Layout layout) {
        return new Grad(workspace, shape, layout, null, State.EMPTY);
    }

    /** Gradient that continues the sum in the given memory. */
    static Grad sum(Workspace workspace, Shape shape, Layout layout, Buffer buffer) {
        return new Grad(workspace, shape, layout, buffer, State.SUM);
    }

    /** Whether gradients flow here. */
    boolean isNeeded() {
        return state != State.NONE;
    }

    /**
     * Accumulator for the next part.
     *
     * @throws IllegalStateException if the tensor is a constant, or the sum was passed on
     */
    Accumulator next() {
        if (state == State.NONE) {
            throw new IllegalStateException("a constant of shape " + shape + " has no gradient");
        }
        if (state == State.PASSED_ON) {
            throw new IllegalStateException(
                    "the gradient of an intermediate result of shape " + shape + " is not kept once it is passed on");
        }
        if (buffer == null) {
            buffer = workspace.allocate(layout.size(shape));
        }
        var next = new Accumulator(buffer, state == State.SUM);
        state = State.SUM;
        return next;
    }

    /** The sum so far, zero if nothing was added; for a constant, scratch memory that nobody reads. */
    Buffer sumOrScratch() {
        return isNeeded() ? next().sum() : workspace.allocate(shape.size());
    }

    /** Adds a part and takes over its memory. */
    void add(Buffer part) {
        if (state == State.EMPTY && buffer == null) {
            buffer = part;
            state = State.SUM;
            return;
        }
        if (isNeeded()) {
            workspace.backend().addTo(part, next().sum());
        }
        workspace.recycle(part);
    }

    /** Returns the memory of the sum to the caller, who passes it on. */
    Buffer take() {
        Buffer taken = next().sum();
        buffer = null;
        state = State.PASSED_ON;
        return taken;
    }

    /** Releases the sum, which an operation has passed on to its inputs. */
    void markPassedOn() {
        if (buffer != null) {
            workspace.recycle(buffer);
            buffer = null;
        }
        state = State.PASSED_ON;
    }

    /** Starts again: the next part will be the first. */
    void begin() {
        if (state == State.SUM) {
            state = State.EMPTY;
        }
    }
}
