package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rlvr4j.model.Completion;
import org.rlvr4j.tensor.Segments;

/**
 * Completions packed without padding, each with its prompt, as the model reads them.
 *
 * @param completions what is packed
 * @param advantages  one per completion
 */
@SuppressWarnings("ArrayRecordComponent") // a batch is compared by identity
record Batch(List<Completion> completions, double[] advantages) {

    /** Tokens of all sequences, prompts included. */
    int[] tokens() {
        return completions.stream()
                .flatMapToInt(completion -> Arrays.stream(concatenated(completion)))
                .toArray();
    }

    /** Where each prompt and its completion start. */
    Segments sequences() {
        return Segments.ofLengths(
                completions.stream().mapToInt(Batch::sequenceLength).toArray());
    }

    /** Where each response starts among the response tokens. */
    Segments responses() {
        return Segments.ofLengths(
                completions.stream().mapToInt(Completion::length).toArray());
    }

    /** For each response token, the row it is predicted from. */
    int[] rows() {
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

    /** What the policy gave to each response token as it drew it. */
    double[] oldLogProbs() {
        var logProbs = new double[responses().total()];
        int at = 0;
        for (Completion completion : completions) {
            for (float logProb : completion.logProbs()) {
                logProbs[at++] = logProb;
            }
        }
        return logProbs;
    }

    /** Consecutive parts of at most so many tokens, or of one sequence. */
    List<Batch> cut(int maxTokens) {
        var parts = new ArrayList<Batch>();
        int from = 0;
        int tokens = 0;
        for (int i = 0; i < completions.size(); i++) {
            int length = sequenceLength(completions.get(i));
            if (i > from && tokens + length > maxTokens) {
                parts.add(slice(from, i));
                from = i;
                tokens = 0;
            }
            tokens += length;
        }
        parts.add(slice(from, completions.size()));
        return parts;
    }

    Batch slice(int from, int to) {
        return new Batch(completions.subList(from, to), Arrays.copyOfRange(advantages, from, to));
    }

    private static int sequenceLength(Completion completion) {
        return completion.prompt().tokens().length + completion.length();
    }

    private static int[] concatenated(Completion completion) {
        int[] prompt = completion.prompt().tokens();
        int[] all = Arrays.copyOf(prompt, prompt.length + completion.length());
        System.arraycopy(completion.tokens(), 0, all, prompt.length, completion.length());
        return all;
    }
}
