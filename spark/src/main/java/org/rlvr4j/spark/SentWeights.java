package org.rlvr4j.spark;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Buffer;

/** Weights that the driver sends to the workers, again whenever they have changed. */
final class SentWeights {

    private static final int TOGETHER = 4; // ranges, whose old and new versions lie in the heap at the same time

    private final JavaSparkContext spark;
    private final MemorySegment memory;
    private final Ranges ranges;
    private final byte[][] sent;
    private Weights weights = Weights.NONE;

    /** @param weights memory of the weights */
    SentWeights(JavaSparkContext spark, Buffer weights) {
        this.spark = spark;
        this.memory = weights.segment();
        this.ranges = new Ranges(memory.byteSize());
        this.sent = new byte[ranges.count()][];
    }

    /**
     * Sends weights that do not change.
     *
     * @param weights memory of the weights
     */
    static Weights once(JavaSparkContext spark, Buffer weights) {
        return once(spark, weights.segment());
    }

    static Weights once(JavaSparkContext spark, MemorySegment weights) {
        var ranges = new Ranges(weights.byteSize());
        var whole = new ArrayList<Broadcast<byte[]>>();
        var changes = new ArrayList<@Nullable Broadcast<byte[]>>();
        for (int range = 0; range < ranges.count(); range++) {
            whole.add(spark.broadcast(ranges.read(weights, range)));
            changes.add(null);
        }
        return new Weights(1, whole, changes);
    }

    /** The weights as they are, which are sent if they are not those that were sent last. */
    Weights current() {
        boolean isSent = weights.version() > 0
                && IntStream.range(0, sent.length)
                        .parallel()
                        .allMatch(range -> ranges.equal(memory, range, sent[range]));
        if (!isSent) {
            send();
        }
        return weights;
    }

    /** Sends a new version, some ranges at a time, each of which takes the place of the old one. */
    private void send() {
        Weights before = weights;
        boolean isFirst = before.version() == 0;
        var whole = new ArrayList<Broadcast<byte[]>>();
        var changed = new ArrayList<@Nullable Broadcast<byte[]>>();
        for (int from = 0; from < sent.length; from += TOGETHER) {
            int end = Math.min(sent.length, from + TOGETHER);
            List<Range> some = IntStream.range(from, end)
                    .parallel()
                    .mapToObj(range -> Range.of(isFirst ? null : sent[range], ranges.read(memory, range)))
                    .toList();
            for (int range = from; range < end; range++) {
                if (!isFirst) {
                    destroy(before.whole().get(range));
                    destroy(before.changes().get(range));
                }
                Range now = some.get(range - from);
                sent[range] = now.whole;
                whole.add(spark.broadcast(now.whole));
                changed.add(now.change == null ? null : spark.broadcast(now.change));
            }
        }
        weights = new Weights(before.version() + 1, whole, changed);
    }

    /** A range of weights and its change since the last version; null if there is none, or it is no smaller. */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity
    private record Range(byte[] whole, byte @Nullable [] change) {

        static Range of(byte @Nullable [] before, byte[] now) {
            return new Range(now, before == null ? null : Change.between(before, now));
        }
    }

    /** Frees a version on all machines. */
    static void destroy(Weights old) {
        old.whole().forEach(SentWeights::destroy);
        old.changes().forEach(SentWeights::destroy);
    }

    private static void destroy(@Nullable Broadcast<byte[]> range) {
        if (range != null) {
            range.destroy();
        }
    }
}
