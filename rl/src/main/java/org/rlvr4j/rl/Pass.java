package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.KeptPrefix;
import org.rlvr4j.model.PackedTokens;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.tensor.Segments;

/**
 * Pass: responses of one forward and backward pass, which may share their prompts.
 *
 * <p>Of a shared prompt all tokens but the last are computed once, in a sequence behind those of its responses; each
 * response begins with the prompt's last token, which predicts its first. A group that does not fit into a pass has
 * several of its own: the keys and values of its prompt are kept from the first to the last, which computes the prompt
 * behind the last response. So the order of the rows, and with it every sum over them, is the same wherever a group is
 * cut.
 *
 * @param batch responses of the pass
 * @param kind  place of the prompts
 */
record Pass(Batch batch, Kind kind) {

    /** Place of the prompts of a pass. */
    enum Kind {
        /** Before each response. */
        REPEATED,
        /** Behind the responses of each group. */
        SHARED,
        /** Outside: this is a group's part without its prompt. */
        PART,
        /** Outside, as far as its responses see: this is a group's last part, with the prompt behind it. */
        LAST_PART;

        /** Whether the responses need the kept keys and values of their prompt. */
        boolean needsPrefix() {
            return this == PART || this == LAST_PART;
        }
    }

    /**
     * Passes in which each response follows its prompt.
     *
     * @param maxTokens most tokens of a pass; a longer sequence is a pass alone
     */
    static List<Pass> repeated(Batch batch, int maxTokens) {
        return batch.microBatches(maxTokens).stream()
                .map(microBatch -> new Pass(microBatch, Kind.REPEATED))
                .toList();
    }

    /**
     * Passes that are cut as {@link #repeated} ones, but compute a prompt once for the responses of a pass.
     *
     * @param maxTokens most tokens of a pass, a prompt counted once for each response
     */
    static List<Pass> sharedWithin(Batch batch, int maxTokens) {
        return batch.microBatches(maxTokens).stream()
                .map(microBatch -> new Pass(microBatch, Kind.SHARED))
                .toList();
    }

    /**
     * Passes that compute each prompt and its gradient once.
     *
     * @param maxTokens most tokens of a pass; a longer response is a pass alone, a group's last one with its prompt
     * @param maxScored most response tokens of a pass of several groups
     */
    static List<Pass> shared(Batch batch, int maxTokens, int maxScored) {
        var passes = new ArrayList<Pass>();
        int from = 0;
        int tokens = 0;
        int scored = 0;
        for (Range group : groups(batch)) {
            int responses = responseTokens(batch, group);
            int length = responses + sharedTokens(batch.completions().get(group.from));
            if (group.from > from && (tokens + length > maxTokens || scored + responses > maxScored)) {
                passes.add(new Pass(batch.slice(from, group.from), Kind.SHARED));
                from = group.from;
                tokens = 0;
                scored = 0;
            }
            tokens += length;
            scored += responses;
            if (tokens > maxTokens) { // it is alone
                passes.addAll(parts(batch, group, maxTokens));
                from = group.to;
                tokens = 0;
                scored = 0;
            }
        }
        if (from < batch.completions().size()) {
            passes.add(new Pass(batch.slice(from, batch.completions().size()), Kind.SHARED));
        }
        return passes;
    }

    /** Responses from one index, inclusive, to another one, exclusive. */
    private record Range(int from, int to) {}

    /** Neighbours with the same prompt. A prompt of one token has nothing to share. */
    private static List<Range> groups(Batch batch) {
        List<Completion> completions = batch.completions();
        var groups = new ArrayList<Range>();
        int from = 0;
        for (int i = 1; i <= completions.size(); i++) {
            if (i == completions.size()
                    || sharedTokens(completions.get(from)) == 0
                    || !haveSamePrompt(completions, i)) {
                groups.add(new Range(from, i));
                from = i;
            }
        }
        return groups;
    }

    private static boolean haveSamePrompt(List<Completion> completions, int i) {
        return Arrays.equals(
                completions.get(i - 1).prompt().tokens(),
                completions.get(i).prompt().tokens());
    }

    private static int sharedTokens(Completion completion) {
        return completion.prompt().tokens().length - 1;
    }

    private static int responseTokens(Batch batch, Range group) {
        return IntStream.range(group.from, group.to)
                .map(i -> batch.completions().get(i).length())
                .sum();
    }

    private static List<Pass> parts(Batch batch, Range group, int maxTokens) {
        int last = group.to - 1; // response with which the prompt is computed
        while (last > group.from && batch.completions().get(last).length() == 0) {
            last--;
        }
        var parts = new ArrayList<Pass>();
        int from = group.from;
        int tokens = 0;
        for (int i = group.from; i <= last; i++) {
            Completion completion = batch.completions().get(i);
            int length = completion.length() + (i == last ? sharedTokens(completion) : 0);
            if (tokens > 0 && tokens + length > maxTokens) {
                parts.add(new Pass(batch.slice(from, i), Kind.PART));
                from = i;
                tokens = 0;
            }
            tokens += length;
        }
        parts.add(new Pass(batch.slice(from, group.to), parts.isEmpty() ? Kind.SHARED : Kind.LAST_PART));
        return parts;
    }

    /** The tokens of the prompt that the responses of a group's part share: all but the last. */
    int[] prefix() {
        return sharedPart(batch.completions().getFirst());
    }

    private static int[] sharedPart(Completion completion) {
        return Arrays.copyOf(completion.prompt().tokens(), sharedTokens(completion));
    }

    /** The pass with prompts of its own, for a forward pass without gradients. */
    Pass closed() {
        return kind.needsPrefix() ? new Pass(batch, Kind.SHARED) : this;
    }

    /**
     * The tokens as the model takes them.
     *
     * @param prefix keys and values of the prompt of a group's part; otherwise null
     */
    PackedTokens packed(@Nullable KeptPrefix prefix) {
        return kind == Kind.REPEATED
                ? PackedTokens.whole(batch.tokens(), batch.sequences(), batch.rows())
                : new Packing().add(this, prefix);
    }

    /** Packing of responses with shared prompts: what is packed so far. */
    private static final class Packing {

        private final IntStream.Builder tokens = IntStream.builder();
        private final IntStream.Builder scored = IntStream.builder();
        private final List<Integer> lengths = new ArrayList<>();
        private final List<Integer> parents = new ArrayList<>();
        private int total;

        PackedTokens add(Pass pass, @Nullable KeptPrefix prefix) {
            if (pass.kind == Kind.SHARED) {
                groups(pass.batch).forEach(group -> addGroup(pass.batch, group));
                return packed(pass, 0, null, Segments.NONE);
            }
            int[] shared = pass.prefix();
            List<Completion> completions = pass.batch.completions();
            boolean isLast = pass.kind == Kind.LAST_PART;
            int outside = completions.size() + (isLast ? 1 : 0);
            completions.forEach(completion -> addResponse(completion, outside));
            if (isLast) {
                addSequence(shared, Segments.NONE);
            }
            return packed(pass, shared.length, prefix, isLast ? outside - 1 : Segments.NONE);
        }

        private void addGroup(Batch batch, Range group) {
            List<Completion> completions = batch.completions().subList(group.from, group.to);
            int[] shared = sharedPart(completions.getFirst());
            int parent = shared.length == 0 ? Segments.NONE : lengths.size() + completions.size();
            completions.forEach(completion -> addResponse(completion, parent));
            if (shared.length > 0) {
                addSequence(shared, Segments.NONE);
            }
        }

        /** Adds the prompt's last token and the response without its last one, each of which predicts the next. */
        private void addResponse(Completion completion, int parent) {
            int[] sequence = new int[completion.length()];
            if (sequence.length > 0) {
                sequence[0] = completion.prompt().tokens()[sharedTokens(completion)];
                System.arraycopy(completion.tokens(), 0, sequence, 1, sequence.length - 1);
            }
            IntStream.range(total, total + sequence.length).forEach(scored);
            addSequence(sequence, parent);
        }

        private void addSequence(int[] sequence, int parent) {
            Arrays.stream(sequence).forEach(tokens);
            lengths.add(sequence.length);
            parents.add(parent);
            total += sequence.length;
        }

        private PackedTokens packed(Pass pass, int outside, @Nullable KeptPrefix prefix, int returned) {
            int[] targets = pass.batch.completions().stream()
                    .flatMapToInt(completion -> Arrays.stream(completion.tokens()))
                    .toArray();
            Segments segments = Segments.ofLengths(numbers(lengths)).continuing(outside, numbers(parents));
            return new PackedTokens(
                    tokens.build().toArray(), segments, scored.build().toArray(), targets, prefix, returned);
        }

        private static int[] numbers(List<Integer> list) {
            return list.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
