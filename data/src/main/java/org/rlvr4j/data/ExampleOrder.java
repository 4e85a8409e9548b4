package org.rlvr4j.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Order in which examples are learned: epoch after epoch, each a shuffle of all of them, cut into batches of which the last may
 * be smaller. A step's batch depends only on the seed and the step's number.
 *
 * @param <T>       type of an example
 * @param pool      all examples
 * @param batchSize number of examples of a batch
 * @param seed      seed of the shuffles
 */
public record ExampleOrder<T>(List<T> pool, int batchSize, long seed) {

    /** @throws IllegalArgumentException if there are no examples, or batches would have none */
    public ExampleOrder {
        if (pool.isEmpty() || batchSize <= 0) {
            throw new IllegalArgumentException(
                    "there are " + pool.size() + " examples, to be learned in batches of " + batchSize);
        }
        pool = List.copyOf(pool);
    }

    /** Number of batches of an epoch. */
    public int stepsPerEpoch() {
        return Math.ceilDiv(pool.size(), batchSize);
    }

    /**
     * The batch of a step.
     *
     * @param step number of steps made before, from 0
     */
    public List<T> batch(int step) {
        List<T> epoch = shuffled(step / stepsPerEpoch());
        int from = step % stepsPerEpoch() * batchSize;
        return epoch.subList(from, Math.min(from + batchSize, epoch.size()));
    }

    private List<T> shuffled(int epoch) {
        var examples = new ArrayList<>(pool);
        long stream = Long.rotateLeft(seed, Integer.SIZE) + epoch; // no two small seeds share an epoch's shuffle
        Collections.shuffle(examples, new SplittableRandom(stream));
        return examples;
    }
}
