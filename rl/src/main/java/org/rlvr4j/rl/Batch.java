package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.tensor.Segments;

/**
 * Batch of completions, packed without padding: the sequences, each a prompt followed by its completion, lie one
 * after the other.
 *
 * @param completions completions in packed order
 * @param advantages  advantage of each completion, in the same order
 */
@SuppressWarnings("ArrayRecordComponent") // a batch is compared by identity
public record Batch(List<Completion> completions, double[] advantages) {

    /** Token ids of all sequences, prompts included, in packed order. */
    public int[] tokens() {
        return completions.stream()
                .flatMapToInt(completion -> Arrays.stream(concatenated(completion)))
                .toArray();
    }

    /** Rows of the sequences among all tokens; a sequence is a prompt and its completion. */
    public Segments sequences() {
        return Segments.ofLengths(
                completions.stream().mapToInt(Batch::sequenceLength).toArray());
    }

    /** Rows of the responses among the response tokens, which are packed without prompts. */
    public Segments responses() {
        return Segments.ofLengths(
                completions.stream().mapToInt(Completion::length).toArray());
    }

    /** For each response token, the row of {@link #tokens()} that predicts it: the row before its own. */
    public int[] rows() {
        Segments sequences = sequences();
        var rows = new int[responses().total()];
        int at = 0;
        for (int s = 0; s < completions.size(); s++) {
            int end = sequences.end(s) - 1;
            for (int row = end - completions.get(s).length(); row < end; row++) {
                rows[at++] = row;
            }
        }
        return rows;
    }

    /** Log-probability of each response token, as the policy gave it when the token was sampled. */
    public double[] oldLogProbs() {
        var logProbs = new double[responses().total()];
        int at = 0;
        for (Completion completion : completions) {
            for (float logProb : completion.logProbs()) {
                logProbs[at++] = logProb;
            }
        }
        return logProbs;
    }

    /**
     * The batch as micro-batches of consecutive sequences.
     *
     * @param maxTokens most tokens of a micro-batch, prompts included; a longer sequence is a micro-batch alone
     */
    public List<Batch> microBatches(int maxTokens) {
        var microBatches = new ArrayList<Batch>();
        int from = 0;
        int tokens = 0;
        for (int i = 0; i < completions.size(); i++) {
            int length = sequenceLength(completions.get(i));
            if (i > from && tokens + length > maxTokens) {
                microBatches.add(slice(from, i));
                from = i;
                tokens = 0;
            }
            tokens += length;
        }
        microBatches.add(slice(from, completions.size()));
        return microBatches;
    }

    /**
     * The batch of the completions from index {@code from}, inclusive, to index {@code to}, exclusive.
     *
     * @param from index of the first completion
     * @param to   index after the last one
     */
    public Batch slice(int from, int to) {
        return new Batch(completions.subList(from, to), Arrays.copyOfRange(advantages, from, to));
    }

    private static int sequenceLength(Completion completion) {
        return completion.prompt().tokens().length + completion.length();
    }

    private static int[] concatenated(Completion completion) {
        int[] prompt = completion.prompt().tokens();
        int[] sequence = Arrays.copyOf(prompt, prompt.length + completion.length());
        System.arraycopy(completion.tokens(), 0, sequence, prompt.length, completion.length());
        return sequence;
    }
}
