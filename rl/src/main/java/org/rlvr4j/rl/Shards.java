package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.tensor.Require;

/**
 * Shards of a mini-batch: parts of consecutive groups, cut by the mini-batch alone, whatever the number of machines. The
 * responses to a prompt stay together, since their prompt is computed once.
 */
public final class Shards {

    private Shards() {}

    /**
     * A shard: responses from index {@code from}, inclusive, to index {@code to}, exclusive; none if there are fewer groups
     * than shards.
     *
     * @param from index of the first response
     * @param to   index after the last response
     */
    public record Shard(int from, int to) {}

    /**
     * Requires a possible number of shards.
     *
     * @param count number of shards
     * @throws IllegalArgumentException unless it is a power of two
     */
    public static void requireCount(int count) {
        Require.that(count > 0 && Integer.bitCount(count) == 1, "gradientShards must be a power of two, not " + count);
    }

    /**
     * Cuts a mini-batch: of G groups, shard i of S has those from {@code i G / S} to {@code (i + 1) G / S}, rounded down.
     *
     * @param miniBatch responses, one group after the other
     * @param count     number of shards, a power of two
     */
    public static List<Shard> of(Batch miniBatch, int count) {
        requireCount(count);
        List<Integer> bounds = bounds(miniBatch.completions());
        long groups = bounds.size() - 1L;
        return IntStream.range(0, count)
                .mapToObj(i ->
                        new Shard(bounds.get((int) (i * groups / count)), bounds.get((int) ((i + 1) * groups / count))))
                .toList();
    }

    /** Index of the first response of each group, and the number of responses. */
    private static List<Integer> bounds(List<Completion> completions) {
        var bounds = new ArrayList<>(List.of(0));
        for (int i = 1; i < completions.size(); i++) {
            if (!Arrays.equals(
                    completions.get(i - 1).prompt().tokens(),
                    completions.get(i).prompt().tokens())) {
                bounds.add(i);
            }
        }
        bounds.add(completions.size());
        return bounds;
    }
}
