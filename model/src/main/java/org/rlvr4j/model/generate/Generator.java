package org.rlvr4j.model.generate;

import java.util.List;
import java.util.function.Consumer;

/** Source of completions: continues prompts with tokens drawn from a model. */
public interface Generator {

    /** Whether log-probabilities of completions are those of the model's training forward, to the last bit. */
    default boolean isExact() {
        return true;
    }

    /**
     * Continues every prompt {@link Sampling#samples()} times.
     *
     * <p>A completion depends on the weights, its prompt, the sampling and its sample number, on nothing else generated.
     *
     * @param prompts  the prompts
     * @param sampling number of completions, temperature, limits and seed
     * @return one list per prompt, in the prompts' order, with its completions in the order of their sample numbers
     */
    List<List<Completion>> generate(List<Prompt> prompts, Sampling sampling);

    /**
     * Continues every prompt {@link Sampling#samples()} times, and hands over each completion as soon as it is there.
     *
     * @param prompts      the prompts
     * @param sampling     number of completions, temperature, limits and seed
     * @param onCompletion receives the completions, in whatever order they end
     */
    default void generate(List<Prompt> prompts, Sampling sampling, Consumer<Completion> onCompletion) {
        generate(prompts, sampling).forEach(completions -> completions.forEach(onCompletion));
    }
}
