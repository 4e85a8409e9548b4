package org.rlvr4j.model.generate;

import java.util.List;
import java.util.function.Consumer;

/** Writes completions. */
public interface Generator {

    /**
     * Continues every prompt {@link Sampling#samples()} times.
     *
     * <p>A completion depends on the weights, its prompt, the sampling and its number, never on what else is generated.
     *
     * @return one list per prompt, in the prompts' order, of its completions in the order of their sample numbers
     */
    List<List<Completion>> generate(List<Prompt> prompts, Sampling sampling);

    /**
     * The same, for completions that are wanted as soon as they are there.
     *
     * @param ended receives each, in whatever order they end
     */
    default void generate(List<Prompt> prompts, Sampling sampling, Consumer<Completion> ended) {
        generate(prompts, sampling).forEach(completions -> completions.forEach(ended));
    }
}
