package org.rlvr4j.model.generate;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.NoGrad;
import org.rlvr4j.tensor.PagedCache;

/**
 * Generator with continuous batching: sequences take each step together, and a finished one is replaced at once.
 *
 * <p>A prompt's keys and values are computed once and shared by its completions. Prompts are taken in their order.
 */
public final class BatchGenerator implements ClosableGenerator {

    private final Decoder model;
    private final int maxSequences;
    private final Set<Integer> stopTokens;
    private final Runnable afterStep;
    private final DType cacheType;
    private @Nullable PagedCache cache;
    private int pages;

    /**
     * @param model        model that writes the completions
     * @param maxSequences number of sequences that take a step together, at most
     */
    public BatchGenerator(Decoder model, int maxSequences) {
        this(model, maxSequences, model.config().stopTokens());
    }

    /**
     * @param model        model that writes the completions
     * @param maxSequences number of sequences that take a step together, at most
     * @param stopTokens   ids of the tokens that end a completion, instead of the model's own
     */
    public BatchGenerator(Decoder model, int maxSequences, Collection<Integer> stopTokens) {
        this(model, maxSequences, stopTokens, () -> {});
    }

    /**
     * @param model        model that writes the completions
     * @param maxSequences number of sequences that take a step together, at most
     * @param stopTokens   ids of the tokens that end a completion, instead of the model's own
     * @param afterStep    runs after each step of all running sequences; an exception from it ends the generation
     */
    public BatchGenerator(Decoder model, int maxSequences, Collection<Integer> stopTokens, Runnable afterStep) {
        this(model, maxSequences, stopTokens, afterStep, model.workspace().type());
    }

    /**
     * A generator that caches keys and values as another type. From bfloat16, in half the memory, a model computes slightly
     * other logits than its training forward does, so that completions and their log-probabilities are not the policy's to
     * the last bit: {@link #isExact()} is false.
     *
     * @param model        model that writes the completions
     * @param maxSequences number of sequences that take a step together, at most
     * @param stopTokens   ids of the tokens that end a completion, instead of the model's own
     * @param afterStep    runs after each step of all running sequences; an exception from it ends the generation
     * @param cacheType    type of the cached keys and values: the type of the model's workspace, or bfloat16
     * @throws IllegalArgumentException if the model's backend has no cache of this type
     */
    public BatchGenerator(
            Decoder model, int maxSequences, Collection<Integer> stopTokens, Runnable afterStep, DType cacheType) {
        if (maxSequences < 1) {
            throw new IllegalArgumentException("maxSequences must be positive, not " + maxSequences);
        }
        this.model = model;
        this.maxSequences = maxSequences;
        this.stopTokens = Set.copyOf(stopTokens);
        this.afterStep = afterStep;
        this.cacheType = cacheType;
        PagedCache.require(model.workspace(), cacheType);
    }

    @Override
    public boolean isExact() {
        return cacheType == model.workspace().type()
                && model.workspace().backend().isExact();
    }

    @Override
    public List<List<Completion>> generate(List<Prompt> prompts, Sampling sampling) {
        return generateAll(prompts, sampling, _ -> {}, TokenListener.SILENT);
    }

    @Override
    public void generate(List<Prompt> prompts, Sampling sampling, Consumer<Completion> onCompletion) {
        generateAll(prompts, sampling, onCompletion, TokenListener.SILENT);
    }

    /**
     * Continues every prompt {@link Sampling#samples()} times, and hands over each token as soon as it is drawn.
     *
     * @param onToken receives the tokens of each completion in their order; those of several completions alternate
     * @param prompts  prompts to answer
     * @param sampling how tokens are drawn
     * @return the same completions as without a listener
     */
    public List<List<Completion>> stream(List<Prompt> prompts, Sampling sampling, TokenListener onToken) {
        return generateAll(prompts, sampling, _ -> {}, onToken);
    }

    private List<List<Completion>> generateAll(
            List<Prompt> prompts, Sampling sampling, Consumer<Completion> onCompletion, TokenListener onToken) {
        int longest = 0;
        for (Prompt prompt : prompts) {
            longest = Math.max(longest, prompt.tokens().length);
        }
        if (longest + sampling.maxNewTokens() > model.config().maxPositions()) {
            int positions = model.config().maxPositions();
            throw new IllegalArgumentException("a prompt of " + longest + " tokens and " + sampling.maxNewTokens()
                    + " new ones exceed the model's " + positions + " positions, which leave room for "
                    + Math.max(0, positions - longest) + " new ones");
        }
        var call = new MemoryPlan.GeneratorCall(
                maxSequences, prompts.size(), sampling.samples(), longest, sampling.maxNewTokens(), cacheType);
        PagedCache memory = cacheOfPages(call.pages());
        return NoGrad.call(() -> new Generation(
                        model,
                        memory,
                        maxSequences,
                        stopTokens,
                        prompts,
                        sampling,
                        new Generation.Listeners(onCompletion, onToken, afterStep))
                .run());
    }

    private PagedCache cacheOfPages(int pagesNeeded) {
        if (cache == null || pages < pagesNeeded) {
            close();
            pages = pagesNeeded;
            cache = new PagedCache(model.workspace(), model.config().layers(), model.heads(), pages, cacheType);
        }
        return cache;
    }

    /** Frees the memory of keys and values; the next call allocates it again. */
    @Override
    public void close() {
        if (cache != null) {
            cache.close();
            cache = null;
        }
    }
}
