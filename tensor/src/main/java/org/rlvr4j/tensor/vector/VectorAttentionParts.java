package org.rlvr4j.tensor.vector;

import java.util.ArrayList;
import java.util.List;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.TensorArena;

/**
 * Parts of the gradients of keys and values that sequences add to those which they continue.
 *
 * <p>Each sequence's part is computed apart, by any thread, and the parts are added up in the order of the sequences.
 * So neither the number of threads nor the distribution of the sequences over passes changes a bit.
 */
final class VectorAttentionParts {

    private final Segments segments;
    private final int size; // G * D, of one position
    private final long[] starts; // of each sequence's part, then the total
    private final Buffer dk; // per sequence (before, G, D)
    private final Buffer dv;

    VectorAttentionParts(Attention op, TensorArena arena) {
        segments = op.segments();
        size = op.heads().keyValue() * op.heads().size();
        starts = new long[segments.count() + 1];
        for (int s = 0; s < segments.count(); s++) {
            starts[s + 1] = starts[s] + (long) segments.before(s) * size;
        }
        dk = arena.allocate(starts[segments.count()]);
        dv = arena.allocate(starts[segments.count()]);
    }

    /** Index at which the part (before, G, D) of a sequence begins. */
    long start(int sequence) {
        return starts[sequence];
    }

    Buffer dk() {
        return dk;
    }

    Buffer dv() {
        return dv;
    }

    /** Adds all parts to the gradients of the sequences that they belong to, one after the other. */
    void add(Attention op, Buffer dKeys, Buffer dValues, VectorChunks chunks) {
        for (int target = 0; target < segments.count(); target++) {
            long[] parts = partsOf(target);
            if (parts.length > 0) {
                long start = (long) segments.start(target) * size;
                long length = (long) segments.length(target) * size;
                addToFirst(dk, parts, dKeys.slice(start, length), chunks);
                addToFirst(dv, parts, dValues.slice(start, length), chunks);
            }
        }
        Attention.Prefix prefix = op.prefix();
        if (prefix != null) {
            for (long part : partsOf(segments.count())) {
                add(dk, part, prefix.keys().grad(), chunks);
                add(dv, part, prefix.values().grad(), chunks);
            }
        }
    }

    /** Adds the other parts to the first one, and their sum to a sequence's own part. */
    private static void addToFirst(Buffer from, long[] parts, Buffer to, VectorChunks chunks) {
        Buffer first = from.slice(parts[0], to.length());
        for (int i = 1; i < parts.length; i++) {
            add(from, parts[i], first, chunks);
        }
        add(from, parts[0], to, chunks);
    }

    private static void add(Buffer from, long part, Buffer to, VectorChunks chunks) {
        Buffer terms = from.slice(part, to.length());
        chunks.forRuns((x, start, end) -> VectorRows.add(x[0], x[1], x[0], start, end), to, terms);
    }

    /** Index of each part that belongs to a sequence, in the order of the sequences that it comes from. */
    private long[] partsOf(int target) {
        List<Long> parts = new ArrayList<>();
        for (int s = 0; s < segments.count(); s++) {
            for (int parent = segments.parent(s); parent != Segments.NONE; parent = segments.parent(parent)) {
                if (parent == target) {
                    parts.add(starts[s] + (long) segments.before(target) * size);
                }
            }
        }
        return parts.stream().mapToLong(Long::longValue).toArray();
    }
}
