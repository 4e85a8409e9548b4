package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.rl.advantage.Advantage;
import org.rlvr4j.rl.advantage.RewardHistory;
import org.rlvr4j.tensor.Segments;

/**
 * Completions packed without padding, each with its prompt, as the model reads them.
 *
 * @param completions in packed order
 * @param advantages  one per completion
 */
@SuppressWarnings("ArrayRecordComponent") // a batch is compared by identity
public record Batch(List<Completion> completions, double[] advantages) {

    /** All responses of the groups in order, each with its advantage, which the history takes note of. */
    static Batch of(List<Group> groups, Advantage advantage, RewardHistory history) {
        var completions = new ArrayList<Completion>();
        var advantages = DoubleStream.builder();
        for (Group group : groups) {
            group.responses().forEach(response -> completions.add(response.completion()));
            Arrays.stream(advantage.of(group.problem().key(), group.rewards(), history))
                    .forEach(advantages);
        }
        return new Batch(completions, advantages.build().toArray());
    }

    /** Tokens of all sequences, prompts included. */
    public int[] tokens() {
        return completions.stream()
                .flatMapToInt(completion -> Arrays.stream(concatenated(completion)))
                .toArray();
    }

    /** Where each prompt and its completion start. */
    public Segments sequences() {
        return Segments.ofLengths(
                completions.stream().mapToInt(Batch::sequenceLength).toArray());
    }

    /** Where each response starts among the response tokens. */
    public Segments responses() {
        return Segments.ofLengths(
                completions.stream().mapToInt(Completion::length).toArray());
    }

    /** For each response token, the row it is predicted from. */
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

    /** What the policy gave to each response token as it drew it. */
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

    /** So many mini-batches, of equally many consecutive completions each. */
    List<Batch> split(int parts) {
        int size = completions.size() / parts;
        return IntStream.range(0, parts)
                .mapToObj(i -> slice(i * size, (i + 1) * size))
                .toList();
    }

    /** Consecutive parts of at most so many tokens, or of one sequence. */
    public List<Batch> cut(int maxTokens) {
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

    /** Completions {@code from} up to but without {@code to}. */
    public Batch slice(int from, int to) {
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
