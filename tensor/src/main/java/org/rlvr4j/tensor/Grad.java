package org.rlvr4j.tensor;

import org.jspecify.annotations.Nullable;

/** Gradient of one tensor during one or more backward passes: its memory, and its {@link State}. */
final class Grad {

    /** How far a gradient has come. */
    enum State {
        /** No gradient flows here: the tensor is a constant. */
        NONE,
        /** Nothing has been added yet; memory, if there is any, has no meaning. */
        EMPTY,
        /** The memory holds the sum of all parts so far. */
        SUM,
        /** The sum has flowed on into the operation's inputs, and its memory serves another gradient. */
        PASSED_ON
    }

    private final Workspace workspace;
    private final Shape shape;
    private @Nullable Buffer buffer;
    private State state;

    private Grad(Workspace workspace, Shape shape, @Nullable Buffer buffer, State state) {
        this.workspace = workspace;
        this.shape = shape;
        this.buffer = buffer;
        this.state = state;
    }

    /** Gradient of a constant. */
    static Grad none(Workspace workspace, Shape shape) {
        return new Grad(workspace, shape, null, State.NONE);
    }

    /** Gradient whose memory is taken from the workspace when its first part comes. */
    static Grad empty(Workspace workspace, Shape shape) {
        return new Grad(workspace, shape, null, State.EMPTY);
    }

    /** Gradient that goes on from the sum in the given memory. */
    static Grad sum(Workspace workspace, Shape shape, Buffer buffer) {
        return new Grad(workspace, shape, buffer, State.SUM);
    }

    /** Whether gradients flow here. */
    boolean isNeeded() {
        return state != State.NONE;
    }

    /**
     * Where the next part goes.
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
            buffer = workspace.allocate(shape.size());
        }
        var next = new Accumulator(buffer, state == State.SUM);
        state = State.SUM;
        return next;
    }

    /** The sum so far, zero if nothing was added; of a constant, memory that nobody reads. */
    Buffer sumOrUnread() {
        return isNeeded() ? next().sum() : workspace.allocate(shape.size());
    }

    /** Adds a part, and takes over its memory. */
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

    /** Hands the sum's memory to the caller, who passes it on. */
    Buffer take() {
        Buffer taken = next().sum();
        buffer = null;
        state = State.PASSED_ON;
        return taken;
    }

    /** Ends the life of the sum, which an operation has let flow on into its inputs. */
    void passedOn() {
        if (buffer != null) {
            workspace.recycle(buffer);
            buffer = null;
        }
        state = State.PASSED_ON;
    }

    /** Begins anew: the next part will be the first. */
    void begin() {
        if (state == State.SUM) {
            state = State.EMPTY;
        }
    }
}
