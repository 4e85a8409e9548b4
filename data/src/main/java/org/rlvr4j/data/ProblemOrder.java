package org.rlvr4j.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The order in which problems are drawn: epoch after epoch, each a shuffle of all of them.
 *
 * <p>A draw never mixes two epochs: what is left of an epoch when it cannot fill a draw is passed over, as a sampler with
 * {@code drop_last} does. Only a draw of more problems than there are takes from the following epochs.
 *
 * <p>An epoch's shuffle depends on the seed and its number alone, so that a position is all it takes to resume.
 */
public final class ProblemOrder {

    /**
     * Where an order stands.
     *
     * @param epoch  epochs begun before this one
     * @param offset problems of this epoch already drawn or passed over
     */
    public record Position(int epoch, int offset) {}

    private final List<Problem> pool;
    private final long seed;
    private List<Problem> shuffled;
    private Position position;

    public ProblemOrder(List<Problem> pool, long seed) {
        this(pool, seed, new Position(0, 0));
    }

    /**
     * Goes on from a position that {@link #position()} gave for the same pool and seed.
     *
     * @throws IllegalArgumentException if the pool is empty or the position outside of it
     */
    public ProblemOrder(List<Problem> pool, long seed, Position position) {
        if (pool.isEmpty()) {
            throw new IllegalArgumentException("there are no problems to draw from");
        }
        if (position.epoch() < 0 || position.offset() < 0 || position.offset() > pool.size()) {
            throw new IllegalArgumentException(position + " is not in an order of " + pool.size() + " problems");
        }
        this.pool = List.copyOf(pool);
        this.seed = seed;
        this.position = position;
        this.shuffled = shuffle(position.epoch());
    }

    /** The same order, where {@link #position()} once was. */
    public ProblemOrder at(Position other) {
        return new ProblemOrder(pool, seed, other);
    }

    /** Where the next draw begins. */
    public Position position() {
        return position;
    }

    /** Draws the next problems. */
    public List<Problem> next(int count) {
        if (count <= 0) {
            throw new IllegalArgumentException("a draw takes one or more problems, not " + count);
        }
        if (count <= pool.size() && count > pool.size() - position.offset()) {
            beginEpoch();
        }
        var drawn = new ArrayList<Problem>(count);
        while (drawn.size() < count) {
            if (position.offset() == pool.size()) {
                beginEpoch();
            }
            int from = position.offset();
            int to = Math.min(from + count - drawn.size(), pool.size());
            drawn.addAll(shuffled.subList(from, to));
            position = new Position(position.epoch(), to);
        }
        return drawn;
    }

    private void beginEpoch() {
        position = new Position(position.epoch() + 1, 0);
        shuffled = shuffle(position.epoch());
    }

    private List<Problem> shuffle(int epoch) {
        var problems = new ArrayList<>(pool);
        long stream = Long.rotateLeft(seed, Integer.SIZE) + epoch; // no two small seeds share an epoch's shuffle
        Collections.shuffle(problems, new SplittableRandom(stream));
        return problems;
    }
}
