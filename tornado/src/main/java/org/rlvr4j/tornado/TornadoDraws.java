package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.TABLES;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Memory;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Lanes;
import org.rlvr4j.tensor.math.SingleMath;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Drawing of tokens: the device sums the probabilities of each part of a row. The host looks for the token in the one
 * part in which the cumulative probability exceeds the bound; only the logits of that part come over.
 */
final class TornadoDraws {

    private static final int GROUP = TornadoTokens.GROUP;
    private static final int SUMS = 3; // of a part: its probability, its largest logit and the place of this

    private static final Kernel PARTS = Kernel.of(
            TornadoDraws.class,
            "kDrawParts",
            TornadoDraws::kDrawParts,
            GROUP,
            1,
            in(TABLES, Arg.ROWS),
            in(ACTIVATIONS, Arg.Z, Arg.LSE, Arg.SUMS));
    private static final Kernel GATHER = Kernel.of(
            TornadoDraws.class,
            "kGatherParts",
            TornadoDraws::kGatherParts,
            GROUP,
            1,
            in(TABLES, Arg.ROWS, Arg.CHOSEN),
            in(ACTIVATIONS, Arg.Z, Arg.GATHERED));

    static final List<Kernel> KERNELS = List.of(PARTS, GATHER);

    private static final ScalarBackend SCALAR = new ScalarBackend();

    private final DeviceMemory memory;
    private final Lists lists;
    private final TensorArena scratch;

    TornadoDraws(DeviceMemory memory, Lists lists, TensorArena scratch) {
        this.memory = memory;
        this.lists = lists;
        this.scratch = scratch;
    }

    /** Arguments of the kernels: sizes, and places of matrices and lists. */
    private static final class Arg {
        static final int COUNT = 0, V = 1, PARTS = 2; // PARTS is the number of parts of a row
        static final int Z = 3, LSE = 4, ROWS = 5, SUMS = 6;
        static final int CHOSEN = 7, GATHERED = 8; // CHOSEN are parts
    }

    /** {@link Backend#quantile}. */
    int quantile(Buffer logits, long start, int V, double lse, double bound) {
        begin();
        Buffer rounded = scratch.allocate(1);
        rounded.set(0, lse);
        var row = new Rows(logits.slice(start, V), rounded, new double[] {lse}, V);
        return draw(row, new int[] {0}, new double[] {bound}, new float[1])[0];
    }

    /** {@link Backend#draw}. */
    int[] draw(Buffer logits, Buffer lse, int V, int[] rows, double[] bounds, float[] logProbs) {
        begin();
        double[] onHost = IntStream.range(0, Math.toIntExact(lse.length()))
                .mapToDouble(lse::get)
                .toArray();
        return draw(new Rows(logits, lse, onHost, V), rows, bounds, logProbs);
    }

    private void begin() {
        lists.begin();
        scratch.release();
    }

    /** Rows of V logits, with the logarithms of their sums of exponentials on the device and on the host. */
    @SuppressWarnings("ArrayRecordComponent") // read alone
    private record Rows(Buffer logits, Buffer rounded, double[] lse, int V) {}

    private int[] draw(Rows from, int[] rows, double[] bounds, float[] logProbs) {
        float[] sums = sums(from, rows);
        int parts = TornadoTokens.parts(from.V);
        var tokens = new int[rows.length];
        var searches = new Search[rows.length];
        int count = 0;
        for (int i = 0; i < rows.length; i++) {
            if (bounds[i] < 0) {
                int best = mostLikely(sums, i * parts, parts);
                tokens[i] = (int) sums[SUMS * best + 2];
                logProbs[i] = sums[SUMS * best + 1] - (float) from.lse[rows[i]];
            } else {
                searches[count++] = Search.of(i, rows[i], bounds[i], sums, parts);
            }
        }
        if (count > 0) {
            find(from, Arrays.copyOf(searches, count), tokens, logProbs);
        }
        return tokens;
    }

    /** The first of the parts with the largest logit. */
    private static int mostLikely(float[] sums, int first, int count) {
        int best = first;
        for (int part = first + 1; part < first + count; part++) {
            if (sums[SUMS * part + 1] > sums[SUMS * best + 1]) {
                best = part;
            }
        }
        return best;
    }

    /**
     * Search for a token of a row.
     *
     * @param draw  number of the draw
     * @param row   row of logits
     * @param part  part of the row in which the cumulative probability exceeds the bound, or the last one
     * @param bound cumulative probability to exceed, counted from the start of the part
     */
    private record Search(int draw, int row, int part, double bound) {

        /** Passes over whole parts, as {@link ScalarBackend#quantile} does. */
        static Search of(int draw, int row, double bound, float[] sums, int parts) {
            double below = 0;
            int part = 0;
            for (; part + 1 < parts; part++) {
                double next = below + sums[SUMS * (draw * parts + part)];
                if (next > bound) {
                    break;
                }
                below = next;
            }
            return new Search(draw, row, part, bound - below);
        }

        int first() {
            return part * Lanes.PART;
        }
    }

    private float[] sums(Rows from, int[] rows) {
        int parts = TornadoTokens.parts(from.V);
        int count = Math.multiplyExact(rows.length, parts);
        Buffer sums = scratch.allocate((long) count * SUMS);
        memory.launch(PARTS)
                .set(Arg.COUNT, count)
                .set(Arg.V, from.V)
                .set(Arg.PARTS, parts)
                .read(Arg.Z, from.logits)
                .read(Arg.LSE, from.rounded)
                .set(Arg.ROWS, lists.of(rows))
                .write(Arg.SUMS, sums)
                .runThreads((long) count * Lanes.COUNT);
        return TornadoElements.numbers(sums);
    }

    /** Probability, largest logit and the first place of this, a thread for each lane of a part. */
    static void kDrawParts(KernelContext c, FloatArray lists, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int lane = lid & (Lanes.COUNT - 1);
        int part = c.globalIdx / Lanes.COUNT;
        int V = p.get(Arg.V);
        int draw = part / p.get(Arg.PARTS);
        int first = (part - draw * p.get(Arg.PARTS)) * Lanes.PART;
        float[] sums = c.allocateFloatLocalArray(GROUP);
        float[] tops = c.allocateFloatLocalArray(GROUP);
        int[] places = c.allocateIntLocalArray(GROUP);
        float sum = 0f;
        float top = Float.NEGATIVE_INFINITY;
        int place = 0;
        if (part < p.get(Arg.COUNT)) {
            int row = (int) lists.get(p.get(Arg.ROWS) + draw);
            float lse = m.get(p.get(Arg.LSE) + row);
            int end = TornadoMath.min(first + Lanes.PART, V);
            for (int i = first + lane; i < end; i += Lanes.COUNT) {
                float logit = m.get(p.get(Arg.Z) + row * V + i);
                sum += DeviceMath.exp(logit - lse);
                if (logit > top) {
                    top = logit;
                    place = i;
                }
            }
        }
        sums[lid] = sum;
        tops[lid] = top;
        places[lid] = place;
        for (int half = Lanes.COUNT / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lane < half) {
                int other = lid + half;
                sums[lid] += sums[other];
                if (tops[other] > tops[lid] || (tops[other] == tops[lid] && places[other] < places[lid])) {
                    tops[lid] = tops[other];
                    places[lid] = places[other];
                }
            }
        }
        if (lane == 0 && part < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.SUMS) + SUMS * part, sums[lid]);
            m.set(p.get(Arg.SUMS) + SUMS * part + 1, tops[lid]);
            m.set(p.get(Arg.SUMS) + SUMS * part + 2, (float) places[lid]);
        }
    }

    private void find(Rows from, Search[] searches, int[] tokens, float[] logProbs) {
        float[] gathered = gathered(from, searches);
        for (int i = 0; i < searches.length; i++) {
            Search search = searches[i];
            int first = search.first();
            int end = Math.min(first + Lanes.PART, from.V);
            double lse = from.lse[search.row];
            float[] logits = Arrays.copyOfRange(gathered, i * Lanes.PART, i * Lanes.PART + end - first);
            int token = search(logits, search, lse);
            if (end < from.V && token >= last(logits, first, lse)) {
                // either exceeds the bound only at its end, or would beyond it, as the parts' sums are rounded
                long start = (long) search.row * from.V + first;
                logits = TornadoElements.numbers(from.logits.slice(start, from.V - first));
                token = search(logits, search, lse);
            }
            tokens[search.draw] = token;
            logProbs[search.draw] = logits[token - first] - (float) lse;
        }
    }

    /** @param logits logits of the row from the part's first on */
    private static int search(float[] logits, Search search, double lse) {
        int first = search.first();
        var buffer = new Buffer(MemorySegment.ofArray(logits), DType.F32, Memory.HOST);
        return SCALAR.quantileFrom(first, buffer, -first, first + logits.length, lse, search.bound);
    }

    /** The last token of a part that has a probability, or its first. */
    private static int last(float[] logits, int first, double lse) {
        int i = logits.length - 1;
        while (i > 0 && (float) (logits[i] - lse) <= SingleMath.MIN_EXPONENT) {
            i--;
        }
        return first + i;
    }

    /** Logits of the parts in which tokens are searched. */
    private float[] gathered(Rows from, Search[] searches) {
        int count = Math.multiplyExact(searches.length, Lanes.PART);
        int[] rows = Arrays.stream(searches).mapToInt(Search::row).toArray();
        int[] chosen = Arrays.stream(searches).mapToInt(Search::part).toArray();
        int list = lists.of(
                IntStream.concat(IntStream.of(rows), IntStream.of(chosen)).toArray());
        Buffer gathered = scratch.allocate(count);
        memory.launch(GATHER)
                .set(Arg.COUNT, count)
                .set(Arg.V, from.V)
                .read(Arg.Z, from.logits)
                .set(Arg.ROWS, list)
                .set(Arg.CHOSEN, list + rows.length)
                .write(Arg.GATHERED, gathered)
                .runThreads(count);
        return TornadoElements.numbers(gathered);
    }

    /** A thread for each logit of the parts, or beyond the last one of a row. */
    static void kGatherParts(KernelContext c, FloatArray lists, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            int search = i / Lanes.PART;
            int row = (int) lists.get(p.get(Arg.ROWS) + search);
            int at = ((int) lists.get(p.get(Arg.CHOSEN) + search)) * Lanes.PART + i - search * Lanes.PART;
            if (at < p.get(Arg.V)) {
                m.set(p.get(Arg.GATHERED) + i, m.get(p.get(Arg.Z) + row * p.get(Arg.V) + at));
            }
        }
    }
}
