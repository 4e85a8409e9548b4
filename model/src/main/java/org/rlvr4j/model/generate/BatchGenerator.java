package org.rlvr4j.model.generate;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.tensor.NoGrad;
import org.rlvr4j.tensor.PagedCache;

/**
 * Continuous batching: many sequences take one step together, and one that ends makes room for the next at once.
 *
 * <p>A prompt's keys and values are computed once and shared by its completions. Prompts enter in their order.
 */
public final class BatchGenerator implements Generator, AutoCloseable {

    private final Qwen2 model;
    private final int maxSequences;
    private final Set<Integer> stopTokens;
    private final Runnable pulse;
    private @Nullable PagedCache cache;
    private int pages;

    /** @param maxSequences how many sequences take a step together */
    public BatchGenerator(Qwen2 model, int maxSequences) {
        this(model, maxSequences, model.config().stopTokens());
    }

    /** @param stopTokens tokens that end a completion, if not those that the model names */
    public BatchGenerator(Qwen2 model, int maxSequences, Collection<Integer> stopTokens) {
        this(model, maxSequences, stopTokens, () -> {});
    }

    /** @param pulse runs after each token of all sequences; what it throws ends the generation */
    public BatchGenerator(Qwen2 model, int maxSequences, Collection<Integer> stopTokens, Runnable pulse) {
        if (maxSequences < 1) {
            throw new IllegalArgumentException("maxSequences must be positive, not " + maxSequences);
        }
        this.model = model;
        this.maxSequences = maxSequences;
        this.stopTokens = Set.copyOf(stopTokens);
        this.pulse = pulse;
    }

    @Override
    public List<List<Completion>> generate(List<Prompt> prompts, Sampling sampling) {
        return finish(prompts, sampling, _ -> {});
    }

    @Override
    public void generate(List<Prompt> prompts, Sampling sampling, Consumer<Completion> ended) {
        finish(prompts, sampling, ended);
    }

    private List<List<Completion>> finish(List<Prompt> prompts, Sampling sampling, Consumer<Completion> ended) {
        int longest = 0;
        for (Prompt prompt : prompts) {
            longest = Math.max(longest, prompt.tokens().length);
        }
        if (longest + sampling.maxNewTokens() > model.config().maxPositions()) {
            throw new IllegalArgumentException("a prompt of " + longest + " tokens and " + sampling.maxNewTokens()
                    + " new ones exceed the model's " + model.config().maxPositions() + " positions");
        }
        PagedCache memory = cacheOf(
                new MemoryPlan.Generated(maxSequences, prompts.size(), longest, sampling.maxNewTokens()).pages());
        return NoGrad.call(() ->
                new Generation(model, memory, maxSequences, stopTokens, prompts, sampling, ended, pulse).finish());
    }

    private PagedCache cacheOf(int needed) {
        if (cache == null || pages < needed) {
            close();
            pages = needed;
            cache = new PagedCache(model.workspace(), model.config().layers(), model.heads(), pages);
        }
        return cache;
    }

    /** Gives the memory of keys and values back, until more is generated. */
    @Override
    public void close() {
        if (cache != null) {
            cache.close();
            cache = null;
        }
    }
}
