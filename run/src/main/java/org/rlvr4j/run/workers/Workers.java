package org.rlvr4j.run.workers;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.generate.ClosableGenerator;
import org.rlvr4j.rl.Learner;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.DType;

/**
 * Workers: processes, on this machine or on others, that generate completions and compute gradients with a policy's weights. What
 * they return has the bits of this process.
 */
public interface Workers extends AutoCloseable {

    /**
     * A generator of completions by the policy as it is at each call.
     *
     * @param maxSequences most sequences that a worker generates at the same time
     * @param cacheType    type of the cached keys and values
     */
    ClosableGenerator generator(int maxSequences, DType cacheType);

    /**
     * A learner that leaves the gradient of each mini-batch with the policy's parameters. There is one at a time.
     *
     * @param run       configuration of one run
     * @param reference frozen reference policy of the KL penalty; null if there is no penalty
     */
    Learner learner(RunConfig run, @Nullable Decoder reference);

    /** Ends the workers. */
    @Override
    void close();
}
