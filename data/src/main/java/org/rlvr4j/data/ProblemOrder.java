package org.rlvr4j.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Order in which problems are drawn: epoch after epoch, each a shuffle of all of them.
 *
 * <p>A draw never mixes two epochs: the rest of an epoch that cannot fill a draw is skipped, as by a sampler with
 * {@code drop_last}. Only a draw of more problems than the pool has takes from the following epochs.
 *
 * <p>The shuffle of an epoch depends only on the seed and the epoch's number, so a position is all it takes to resume.
 */
public final class ProblemOrder {

    /**
     * Position in an order.
     *
     * @param epoch  number of epochs begun before this one
     * @param offset number of problems of this epoch that are already drawn or skipped
     */
    public record Position(int epoch, int offset) {}

    private final List<Problem> pool;
    private final long seed;
    private List<Problem> shuffled;
    private Position position;

    /**
     * The order from its beginning.
     *
     * @param pool the problems
     * @param seed seed of the order
     */
    public ProblemOrder(List<Problem> pool, long seed) {
        this(pool, seed, new Position(0, 0));
    }

    /**
     * Continues from a position that {@link #position()} gave for the same pool and seed.
     *
     * @param pool     the problems
     * @param seed     seed of the order
     * @param position place to continue from
     * @throws IllegalArgumentException if the pool is empty or the position is outside of it
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

    /**
     * A new order of the same pool and seed, at a position that {@link #position()} gave.
     *
     * @param other place to continue from
     */
    public ProblemOrder at(Position other) {
        return new ProblemOrder(pool, seed, other);
    }

    /** Position at which the next draw begins. */
    public Position position() {
        return position;
    }

    /**
     * Draws the next problems.
     *
     * @param count number of problems
     */
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
