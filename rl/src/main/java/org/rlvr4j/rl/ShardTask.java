package org.rlvr4j.rl;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.rl.gate.Draws;
import org.rlvr4j.rl.gate.Gate.Decision;
import org.rlvr4j.tensor.Require;

/**
 * Shards of a mini-batch to learn, whose gradients are added up: all of them, or a block of them that another machine learns.
 *
 * @param batch    their responses, in packed order
 * @param shards   the shards, as ranges of these responses; their number is a power of two
 * @param weights  weight of each response token in the loss
 * @param decision decision of a gate that looks at the whole mini-batch, about these tokens; otherwise null
 * @param draws    source of the gate's random choices
 */
@SuppressWarnings("ArrayRecordComponent") // a task is compared by identity
public record ShardTask(
        Batch batch,
        List<Shards.Shard> shards,
        double[] weights,
        @Nullable Decision decision,
        Draws draws) {

    public ShardTask {
        shards = List.copyOf(shards);
        Shards.requireCount(shards.size());
    }

    /**
     * This task in aligned blocks of equally many shards. If the blocks' gradients are added as a balanced binary tree, the sum
     * is this task's to the last bit.
     *
     * @param count number of blocks, a power of two and at most the number of shards
     */
    public List<ShardTask> blocks(int count) {
        Require.that(
                Integer.bitCount(count) == 1 && count <= shards.size(),
                count + " blocks cannot be made of " + shards.size() + " shards");
        int size = shards.size() / count;
        return IntStream.range(0, count)
                .mapToObj(i -> block(shards.subList(i * size, (i + 1) * size)))
                .toList();
    }

    private ShardTask block(List<Shards.Shard> some) {
        int from = some.getFirst().from();
        int to = some.getLast().to();
        int before = tokens(0, from);
        int end = before + tokens(from, to);
        return new ShardTask(
                batch.slice(from, to),
                some.stream()
                        .map(shard -> new Shards.Shard(shard.from() - from, shard.to() - from))
                        .toList(),
                Arrays.copyOfRange(weights, before, end),
                decision == null ? null : decision.slice(before, end),
                draws);
    }

    private int tokens(int from, int to) {
        return batch.completions().subList(from, to).stream()
                .mapToInt(completion -> completion.length())
                .sum();
    }
}
