package org.rlvr4j.run.workers;

import java.util.ServiceLoader;
import java.util.function.IntFunction;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.tensor.DType;

/** Provider of one kind of workers; found by {@link java.util.ServiceLoader}, and used only if it is asked for. */
public interface WorkersProvider {

    /**
     * What the workers are for.
     *
     * @param policy       model that they are to have
     * @param frozenType   type of its frozen matrices, if it has adapters or is not trained
     * @param trains       whether they compute gradients
     * @param recompute    whether layers are computed again in the backward pass
     * @param memory       memory that each of so many workers needs
     * @param interruption throws an exception if the work is to end early
     */
    record Task(
            Decoder policy,
            DType frozenType,
            boolean trains,
            boolean recompute,
            IntFunction<MemoryPlan> memory,
            Runnable interruption) {}

    /**
     * Whether workers of a name are of this kind.
     *
     * @param name name, such as {@code spark}
     */
    boolean knows(String name);

    /**
     * Starts workers.
     *
     * @param name name, which this provider knows
     * @param task what they are for
     * @throws IllegalArgumentException if they cannot be had, or do not compute as this process does; the message is one
     *                                  sentence
     */
    Workers open(String name, Task task);

    /**
     * Starts workers of a name, by the provider that knows it.
     *
     * @param name name, such as {@code spark}
     * @param task what they are for
     * @throws IllegalArgumentException if there is no such provider, or the workers cannot be had
     */
    static Workers named(String name, Task task) {
        for (WorkersProvider provider : ServiceLoader.load(WorkersProvider.class)) {
            if (provider.knows(name)) {
                return provider.open(name, task);
            }
        }
        throw new IllegalArgumentException(
                "there are no workers " + name + "; docs/cluster.md says which there are, and how to build with them");
    }
}
