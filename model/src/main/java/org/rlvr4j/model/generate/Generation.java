package org.rlvr4j.model.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/** One call of {@link BatchGenerator}, with its running and waiting sequences. */
final class Generation {

    private final Decoder model;
    private final PagedCache cache;
    private final int maxSequences;
    private final Set<Integer> stopTokens;
    private final List<Prompt> prompts;
    private final Sampling sampling;
    private final Sampler sampler;
    private final Listeners listeners;
    private final List<Completion[]> completions = new ArrayList<>();
    private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();
    private List<Sequence> running = new ArrayList<>();
    private int prefilled; // number of prompts whose keys and values are cached

    Generation(
            Decoder model,
            PagedCache cache,
            int maxSequences,
            Set<Integer> stopTokens,
            List<Prompt> prompts,
            Sampling sampling,
            Listeners listeners) {
        this.model = model;
        this.cache = cache;
        this.maxSequences = maxSequences;
        this.stopTokens = stopTokens;
        this.prompts = prompts;
        this.sampling = sampling;
        this.sampler = new Sampler(sampling, model.workspace().backend());
        this.listeners = listeners;
        prompts.forEach(prompt -> completions.add(new Completion[sampling.samples()]));
    }

    /**
     * Listeners of the generation.
     *
     * @param onCompletion receives each completion when it ends
     * @param onToken      receives each token when it is drawn
     * @param afterStep    runs after each step of all running sequences
     */
    record Listeners(Consumer<Completion> onCompletion, TokenListener onToken, Runnable afterStep) {}

    /** Cached prompt: its pages, and the number of its completions that still need them. */
    private static final class CachedPrompt {
        final int index;
        final int[] pages;
        int openCompletions;

        CachedPrompt(int index, int[] pages, int openCompletions) {
            this.index = index;
            this.pages = pages;
            this.openCompletions = openCompletions;
        }
    }

    /** Sequence of a completion that is being generated. */
    private final class Sequence {
        final CachedPrompt shared;
        final int sample;
        final RandomStream random;
        final int promptLength;
        final int[] tokens = new int[sampling.maxNewTokens()];
        final float[] logProbs = new float[sampling.maxNewTokens()];
        final List<Integer> pages = new ArrayList<>();
        int length;
        boolean stopped;

        Sequence(CachedPrompt shared, int sample) {
            Prompt prompt = prompts.get(shared.index);
            this.shared = shared;
            this.sample = sample;
            this.random = RandomStream.of(sampling.seed(), prompt.id(), sample);
            this.promptLength = prompt.tokens().length;
        }

        boolean isFinished() {
            return stopped || length == tokens.length;
        }

        /** Position of the newest token, counted from the start of the prompt. */
        int position() {
            return promptLength + length - 1;
        }

        /** Appends a drawn token. */
        void append(int token, float logProb) {
            tokens[length] = token;
            logProbs[length] = logProb;
            length++;
            stopped = stopTokens.contains(token);
        }

        /** The page for the newest token; a new page if the last one is full. */
        int page() {
            if ((length - 1) % PagedCache.POSITIONS == 0) {
                pages.add(cache.take());
            }
            return pages.getLast();
        }

        PagedCache.Sequence cacheSequence() {
            int[] allPages = new int[shared.pages.length + pages.size()];
            int[] counts = new int[allPages.length];
            fill(allPages, counts, 0, Arrays.stream(shared.pages).boxed().toList(), promptLength);
            fill(allPages, counts, shared.pages.length, pages, length);
            return new PagedCache.Sequence(allPages, counts);
        }

        private void fill(int[] allPages, int[] counts, int offset, List<Integer> source, int positions) {
            for (int i = 0; i < source.size(); i++) {
                allPages[offset + i] = source.get(i);
                counts[offset + i] = Math.min(PagedCache.POSITIONS, positions - i * PagedCache.POSITIONS);
            }
        }
    }

    List<List<Completion>> run() {
        while (prefilled < prompts.size() || !waiting.isEmpty() || !running.isEmpty()) {
            while (waiting.isEmpty() && prefilled < prompts.size() && running.size() < maxSequences) {
                prefill();
            }
            while (!waiting.isEmpty() && running.size() < maxSequences) {
                running.add(waiting.poll());
            }
            if (!running.isEmpty()) {
                step();
            }
        }
        return completions.stream().map(Arrays::asList).toList();
    }

    /** Computes keys and values of the next prompts, and draws the first token of each of their completions. */
    private void prefill() {
        int first = prefilled;
        int promptsNeeded = (maxSequences - running.size() + sampling.samples() - 1) / sampling.samples();
        var tokens = new ArrayList<Integer>();
        var lengths = new ArrayList<Integer>();
        do {
            int[] prompt = prompts.get(prefilled++).tokens();
            Arrays.stream(prompt).forEach(tokens::add);
            lengths.add(prompt.length);
        } while (prefilled < prompts.size()
                && prefilled - first < promptsNeeded
                && tokens.size() < MemoryPlan.PREFILL_TOKENS);
        var segments = Segments.ofLengths(lengths.stream().mapToInt(n -> n).toArray());
        var cachedPrompts = new ArrayList<CachedPrompt>();
        int[] pages = new int[segments.total()];
        int[] slots = segments.positions();
        for (int s = 0; s < segments.count(); s++) {
            cachedPrompts.add(takePages(first + s, segments, s, pages));
        }
        Arrays.setAll(slots, t -> slots[t] % PagedCache.POSITIONS);
        int[] ids = tokens.stream().mapToInt(n -> n).toArray();
        int[] lastRows = new int[segments.count()];
        Arrays.setAll(lastRows, s -> segments.end(s) - 1);
        Tensor hidden = model.hidden(ids, segments.positions(), lastRows, (layer, q, k, v) -> {
            backend().cacheAppend(k.data(), v.data(), cache, layer, pages, slots);
            return Attention.forward(q, k, v, segments, model.heads());
        });
        drawFirstTokens(hidden, cachedPrompts);
        workspace().release();
    }

    private CachedPrompt takePages(int promptIndex, Segments segments, int s, int[] pages) {
        int[] promptPages = new int[PagedCache.pagesFor(segments.length(s))];
        Arrays.setAll(promptPages, i -> cache.take());
        for (int t = segments.start(s); t < segments.end(s); t++) {
            pages[t] = promptPages[(t - segments.start(s)) / PagedCache.POSITIONS];
        }
        return new CachedPrompt(promptIndex, promptPages, sampling.samples());
    }

    private void drawFirstTokens(Tensor hidden, List<CachedPrompt> cachedPrompts) {
        var started = new ArrayList<Sequence>();
        int[] rows = new int[cachedPrompts.size() * sampling.samples()];
        for (int s = 0; s < cachedPrompts.size(); s++) {
            for (int sample = 0; sample < sampling.samples(); sample++) {
                rows[started.size()] = s;
                started.add(new Sequence(cachedPrompts.get(s), sample));
            }
        }
        waiting.addAll(draw(hidden, started, rows));
    }

    /** Generates one token for every running sequence. */
    private void step() {
        int B = running.size();
        int[] tokens = new int[B];
        int[] positions = new int[B];
        int[] pages = new int[B];
        int[] slots = new int[B];
        var cached = new PagedCache.Sequence[B];
        for (int b = 0; b < B; b++) {
            Sequence sequence = running.get(b);
            tokens[b] = sequence.tokens[sequence.length - 1];
            positions[b] = sequence.position();
            pages[b] = sequence.page();
            slots[b] = (sequence.length - 1) % PagedCache.POSITIONS;
            cached[b] = sequence.cacheSequence();
        }
        int[] rows = IntStream.range(0, B).toArray();
        int heads = model.config().heads();
        Tensor hidden = model.hidden(tokens, positions, rows, (layer, q, k, v) -> {
            backend().cacheAppend(k.data(), v.data(), cache, layer, pages, slots);
            Buffer y = workspace().allocate(q.shape().size());
            backend().cachedAttention(q.data(), y, cache, layer, cached, heads);
            return Tensor.constant(workspace(), q.shape(), y);
        });
        running = draw(hidden, running, rows);
        workspace().release();
        listeners.afterStep.run();
    }

    /** Draws each sequence's next token from a row of hidden states; returns the unfinished ones. */
    private List<Sequence> draw(Tensor hidden, List<Sequence> sequences, int[] rows) {
        int V = model.config().vocabularySize();
        Buffer values = workspace().allocate((long) hidden.rows() * V);
        Buffer lse = workspace().allocate(hidden.rows());
        backend().logits(hidden, model.head(), sampler.temperature(), values, lse);
        double[] uniforms = sequences.stream()
                .mapToDouble(sequence -> sequence.random.uniform(sequence.length))
                .toArray();
        var logProbs = new float[rows.length];
        int[] tokens = sampler.draw(values, lse, V, rows, uniforms, logProbs);
        var unfinished = new ArrayList<Sequence>();
        for (int i = 0; i < rows.length; i++) {
            Sequence sequence = sequences.get(i);
            sequence.append(tokens[i], logProbs[i]);
            listeners.onToken.drawn(prompts.get(sequence.shared.index), sequence.sample, tokens[i]);
            if (sequence.isFinished()) {
                finish(sequence);
            } else {
                unfinished.add(sequence);
            }
        }
        return unfinished;
    }

    private void finish(Sequence sequence) {
        sequence.pages.forEach(cache::giveBack);
        CachedPrompt shared = sequence.shared;
        if (--shared.openCompletions == 0) {
            Arrays.stream(shared.pages).forEach(cache::giveBack);
        }
        var completion = new Completion(
                prompts.get(shared.index),
                sequence.sample,
                Arrays.copyOf(sequence.tokens, sequence.length),
                Arrays.copyOf(sequence.logProbs, sequence.length),
                !sequence.stopped);
        completions.get(shared.index)[sequence.sample] = completion;
        listeners.onCompletion.accept(completion);
    }

    private Workspace workspace() {
        return model.workspace();
    }

    private Backend backend() {
        return workspace().backend();
    }
}
