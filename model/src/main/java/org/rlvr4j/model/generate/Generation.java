package org.rlvr4j.model.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/** One call of {@link BatchGenerator}: the sequences under way, and those that wait. */
final class Generation {

    private final Qwen2 model;
    private final PagedCache cache;
    private final int maxSequences;
    private final Set<Integer> stopTokens;
    private final List<Prompt> prompts;
    private final Sampling sampling;
    private final Sampler sampler;
    private final Consumer<Completion> ended;
    private final Runnable pulse;
    private final List<Completion[]> completions = new ArrayList<>();
    private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();
    private List<Sequence> running = new ArrayList<>();
    private int read; // prompts whose keys and values are cached

    Generation(
            Qwen2 model,
            PagedCache cache,
            int maxSequences,
            Set<Integer> stopTokens,
            List<Prompt> prompts,
            Sampling sampling,
            Consumer<Completion> ended,
            Runnable pulse) {
        this.model = model;
        this.cache = cache;
        this.maxSequences = maxSequences;
        this.stopTokens = stopTokens;
        this.prompts = prompts;
        this.sampling = sampling;
        this.sampler = new Sampler(sampling, model.workspace().backend());
        this.ended = ended;
        this.pulse = pulse;
        prompts.forEach(prompt -> completions.add(new Completion[sampling.samples()]));
    }

    /** A prompt's pages, and how many of its completions still need them. */
    private static final class Shared {
        final int index;
        final int[] pages;
        int users;

        Shared(int index, int[] pages, int users) {
            this.index = index;
            this.pages = pages;
            this.users = users;
        }
    }

    /** One completion under way. */
    private final class Sequence {
        final Shared shared;
        final int sample;
        final RandomStream random;
        final int promptLength;
        final int[] tokens = new int[sampling.maxNewTokens()];
        final float[] logProbs = new float[sampling.maxNewTokens()];
        final List<Integer> pages = new ArrayList<>();
        int length;
        boolean stopped;

        Sequence(Shared shared, int sample) {
            Prompt prompt = prompts.get(shared.index);
            this.shared = shared;
            this.sample = sample;
            this.random = RandomStream.of(sampling.seed(), prompt.id(), sample);
            this.promptLength = prompt.tokens().length;
        }

        boolean isFinished() {
            return stopped || length == tokens.length;
        }

        /** The position of the newest token. */
        int position() {
            return promptLength + length - 1;
        }

        /** Goes on with a drawn token. */
        void append(int token, float logProb) {
            tokens[length] = token;
            logProbs[length] = logProb;
            length++;
            stopped = stopTokens.contains(token);
        }

        /** The page for the newest token, a new one if the last is full. */
        int page() {
            if ((length - 1) % PagedCache.POSITIONS == 0) {
                pages.add(cache.take());
            }
            return pages.getLast();
        }

        PagedCache.Sequence places() {
            int[] all = new int[shared.pages.length + pages.size()];
            int[] counts = new int[all.length];
            fill(all, counts, 0, Arrays.stream(shared.pages).boxed().toList(), promptLength);
            fill(all, counts, shared.pages.length, pages, length);
            return new PagedCache.Sequence(all, counts);
        }

        private void fill(int[] all, int[] counts, int at, List<Integer> some, int positions) {
            for (int i = 0; i < some.size(); i++) {
                all[at + i] = some.get(i);
                counts[at + i] = Math.min(PagedCache.POSITIONS, positions - i * PagedCache.POSITIONS);
            }
        }
    }

    List<List<Completion>> finish() {
        while (read < prompts.size() || !waiting.isEmpty() || !running.isEmpty()) {
            while (waiting.isEmpty() && read < prompts.size() && running.size() < maxSequences) {
                readPrompts();
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
    private void readPrompts() {
        int from = read;
        int wanted = (maxSequences - running.size() + sampling.samples() - 1) / sampling.samples();
        var tokens = new ArrayList<Integer>();
        var lengths = new ArrayList<Integer>();
        do {
            int[] prompt = prompts.get(read++).tokens();
            Arrays.stream(prompt).forEach(tokens::add);
            lengths.add(prompt.length);
        } while (read < prompts.size() && read - from < wanted && tokens.size() < MemoryPlan.PREFILL_TOKENS);
        var segments = Segments.ofLengths(lengths.stream().mapToInt(n -> n).toArray());
        var owners = new ArrayList<Shared>();
        int[] pages = new int[segments.total()];
        int[] slots = segments.positions();
        for (int s = 0; s < segments.count(); s++) {
            owners.add(share(from + s, segments, s, pages));
        }
        Arrays.setAll(slots, t -> slots[t] % PagedCache.POSITIONS);
        int[] ids = tokens.stream().mapToInt(n -> n).toArray();
        int[] last = new int[segments.count()];
        Arrays.setAll(last, s -> segments.end(s) - 1);
        Tensor hidden = model.hidden(ids, segments.positions(), last, (layer, q, k, v) -> {
            backend().cacheAppend(k.data(), v.data(), cache, layer, pages, slots);
            return Attention.forward(q, k, v, segments, model.heads());
        });
        drawFirst(hidden, owners);
        workspace().release();
    }

    private Shared share(int prompt, Segments segments, int s, int[] pages) {
        int[] own = new int[PagedCache.pagesFor(segments.length(s))];
        Arrays.setAll(own, i -> cache.take());
        for (int t = segments.start(s); t < segments.end(s); t++) {
            pages[t] = own[(t - segments.start(s)) / PagedCache.POSITIONS];
        }
        return new Shared(prompt, own, sampling.samples());
    }

    private void drawFirst(Tensor hidden, List<Shared> owners) {
        var started = new ArrayList<Sequence>();
        int[] rows = new int[owners.size() * sampling.samples()];
        for (int s = 0; s < owners.size(); s++) {
            for (int sample = 0; sample < sampling.samples(); sample++) {
                rows[started.size()] = s;
                started.add(new Sequence(owners.get(s), sample));
            }
        }
        waiting.addAll(draw(hidden, started, rows));
    }

    /** One more token for every running sequence. */
    private void step() {
        int B = running.size();
        int[] tokens = new int[B];
        int[] positions = new int[B];
        int[] pages = new int[B];
        int[] slots = new int[B];
        var places = new PagedCache.Sequence[B];
        for (int b = 0; b < B; b++) {
            Sequence sequence = running.get(b);
            tokens[b] = sequence.tokens[sequence.length - 1];
            positions[b] = sequence.position();
            pages[b] = sequence.page();
            slots[b] = (sequence.length - 1) % PagedCache.POSITIONS;
            places[b] = sequence.places();
        }
        int[] all = IntStream.range(0, B).toArray();
        int heads = model.config().heads();
        Tensor hidden = model.hidden(tokens, positions, all, (layer, q, k, v) -> {
            backend().cacheAppend(k.data(), v.data(), cache, layer, pages, slots);
            Buffer y = workspace().allocate(q.shape().size());
            backend().cachedAttention(q.data(), y, cache, layer, places, heads);
            return Tensor.constant(workspace(), q.shape(), y);
        });
        running = draw(hidden, running, all);
        workspace().release();
        pulse.run();
    }

    /** Draws each sequence's next token from a row of hidden states; returns those that have not ended with it. */
    private List<Sequence> draw(Tensor hidden, List<Sequence> sequences, int[] rows) {
        int V = model.config().vocabularySize();
        Buffer values = workspace().allocate((long) hidden.rows() * V);
        Buffer lse = workspace().allocate(hidden.rows());
        Buffer head = model.head().data();
        backend().logits(hidden.data(), head, sampler.temperature(), values, lse, hidden.rows(), hidden.cols(), V);
        double[] uniforms = sequences.stream()
                .mapToDouble(sequence -> sequence.random.uniform(sequence.length))
                .toArray();
        var logProbs = new float[rows.length];
        int[] tokens = sampler.draw(values, lse, V, rows, uniforms, logProbs);
        var left = new ArrayList<Sequence>();
        for (int i = 0; i < rows.length; i++) {
            Sequence sequence = sequences.get(i);
            sequence.append(tokens[i], logProbs[i]);
            if (sequence.isFinished()) {
                end(sequence);
            } else {
                left.add(sequence);
            }
        }
        return left;
    }

    private void end(Sequence sequence) {
        sequence.pages.forEach(cache::giveBack);
        Shared shared = sequence.shared;
        if (--shared.users == 0) {
            Arrays.stream(shared.pages).forEach(cache::giveBack);
        }
        var completion = new Completion(
                prompts.get(shared.index),
                sequence.sample,
                Arrays.copyOf(sequence.tokens, sequence.length),
                Arrays.copyOf(sequence.logProbs, sequence.length),
                !sequence.stopped);
        completions.get(shared.index)[sequence.sample] = completion;
        ended.accept(completion);
    }

    private Workspace workspace() {
        return model.workspace();
    }

    private Backend backend() {
        return workspace().backend();
    }
}
