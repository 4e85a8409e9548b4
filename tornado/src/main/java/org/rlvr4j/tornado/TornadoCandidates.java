package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tensor.Role.TABLES;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Lanes;
import org.rlvr4j.tensor.math.Truncation;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Drawing of tokens by top-k and top-p: the device finds candidates, the tokens of a row whose logit is at least a bound,
 * and only these come over; the host draws one of them by the CPU's rule, {@link Truncation#draw}.
 *
 * <p>The bound is one of a few levels below the row's log-sum-exp: the highest above which there are k tokens, or tokens of
 * the probability. The host finds out whether the draw depends on any other token. Then, and where there are too many
 * candidates, the row comes over whole.
 */
final class TornadoCandidates {

    private static final int GROUP = TornadoTokens.GROUP;
    private static final int LEVELS = Lanes.COUNT; // a thread of a warp for each
    private static final int OF_LANE = Lanes.PART / Lanes.COUNT; // logits
    private static final int ROWS = 512; // that are looked through at a time
    private static final int MOST = 1 << 13; // candidates of a row
    private static final int MOST_TOGETHER = 1 << 21; // candidates of the rows that are looked through
    private static final double MARGIN = 1.0001; // of the probability, as the device's sums are rounded

    private static final Kernel COUNT = Kernel.of(
            TornadoCandidates.class,
            "kCandidateLevels",
            TornadoCandidates::kCandidateLevels,
            GROUP,
            1,
            in(TABLES, Arg.ROWS),
            in(ACTIVATIONS, Arg.Z, Arg.LSE, Arg.COUNTS, Arg.MASSES));
    private static final Kernel CHOOSE = Kernel.ofReals(
            TornadoCandidates.class,
            "kChooseLevel",
            TornadoCandidates::kChooseLevel,
            GROUP,
            1,
            in(ACTIVATIONS, Arg.COUNTS, Arg.MASSES, Arg.CHOSEN));
    private static final Kernel GATHER = Kernel.of(
            TornadoCandidates.class,
            "kGatherCandidates",
            TornadoCandidates::kGatherCandidates,
            GROUP,
            1,
            in(TABLES, Arg.ROWS, Arg.PICKED),
            in(ACTIVATIONS, Arg.Z, Arg.LSE, Arg.COUNTS, Arg.GATHERED));

    static final List<Kernel> KERNELS = List.of(COUNT, CHOOSE, GATHER);

    private final DeviceMemory memory;
    private final Lists lists;
    private final TensorArena scratch;
    private long wholeRows;

    TornadoCandidates(DeviceMemory memory, Lists lists, TensorArena scratch) {
        this.memory = memory;
        this.lists = lists;
        this.scratch = scratch;
    }

    /** Arguments of the kernels: sizes, and places of matrices and lists. */
    private static final class Arg {
        static final int COUNT = 0, V = 1, PARTS = 2; // PARTS is the number of parts of a row
        static final int Z = 3, LSE = 4, ROWS = 5;
        static final int COUNTS = 6, MASSES = 7, CHOSEN = 8; // by part and level
        static final int LEAST = 9; // number of candidates
        static final int PICKED = 10, GATHERED = 11;
    }

    /** Arguments of the kernels that are real numbers. */
    private static final class Real {
        static final int LEAST = 0; // probability of the candidates
    }

    /**
     * Rows of logits.
     *
     * @param logits rows of V logits
     * @param lse    logarithm of each row's sum of exponentials
     * @param V      number of logits of a row
     */
    record Rows(Buffer logits, Buffer lse, int V) {

        int parts() {
            return TornadoTokens.parts(V);
        }
    }

    /** Candidates of a row, in the order of their ids. */
    @SuppressWarnings("ArrayRecordComponent") // read alone
    private record Candidates(int[] ids, float[] logits) {}

    private static final Candidates NONE = new Candidates(new int[0], new float[0]);

    /** Number of rows so far that came over whole. */
    long wholeRows() {
        return wholeRows;
    }

    /** {@link Backend#drawTruncated}. */
    int[] draw(Rows from, Truncation truncation, int[] rows, double[] uniforms, float[] logProbs) {
        lists.begin();
        float[] lse = TornadoElements.numbers(from.lse);
        Map<Integer, Candidates> candidates = candidates(from, truncation, rows);
        var tokens = new int[rows.length];
        Arrays.fill(tokens, Truncation.MORE);
        IntStream.range(0, rows.length).parallel().forEach(i -> {
            Candidates of = candidates.getOrDefault(rows[i], NONE);
            int drawn = truncation.draw(of.logits, from.V, lse[rows[i]], uniforms[i]);
            if (drawn != Truncation.MORE) {
                tokens[i] = of.ids[drawn];
                logProbs[i] = of.logits[drawn] - lse[rows[i]];
            }
        });
        int[] open = IntStream.range(0, rows.length)
                .filter(i -> tokens[i] == Truncation.MORE)
                .toArray();
        if (open.length > 0) {
            int[] wanted =
                    Arrays.stream(open).map(i -> rows[i]).sorted().distinct().toArray();
            wholeRows += wanted.length;
            int first = wanted[0];
            long length = (wanted[wanted.length - 1] - first + 1L) * from.V;
            float[] logits = TornadoElements.numbers(from.logits.slice((long) first * from.V, length));
            Arrays.stream(open).parallel().forEach(i -> {
                int start = (rows[i] - first) * from.V;
                float[] row = Arrays.copyOfRange(logits, start, start + from.V);
                tokens[i] = truncation.drawFromRow(row, lse[rows[i]], uniforms[i]);
                logProbs[i] = row[tokens[i]] - lse[rows[i]];
            });
        }
        return tokens;
    }

    /** Candidates of rows that have enough, and not too many. */
    private Map<Integer, Candidates> candidates(Rows from, Truncation truncation, int[] rows) {
        var candidates = new HashMap<Integer, Candidates>();
        if (Math.min(truncation.topK(), from.V) <= MOST) {
            int[] distinct = Arrays.stream(rows).distinct().toArray();
            for (int i = 0; i < distinct.length; i += ROWS) {
                int[] some = Arrays.copyOfRange(distinct, i, Math.min(i + ROWS, distinct.length));
                addCandidates(from, truncation, some, candidates);
            }
        }
        return candidates;
    }

    private void addCandidates(Rows from, Truncation truncation, int[] rows, Map<Integer, Candidates> candidates) {
        scratch.release();
        Buffer counts = scratch.allocate((long) rows.length * from.parts() * LEVELS);
        float[] chosen = chosen(from, truncation, rows, counts);
        var picked = new int[3 * rows.length];
        int picks = 0;
        int total = 0;
        for (int i = 0; i < rows.length; i++) {
            int level = (int) chosen[2 * i];
            int count = (int) chosen[2 * i + 1];
            if (level < LEVELS && count <= Math.min(MOST, MOST_TOGETHER - total)) {
                picked[3 * picks] = i;
                picked[3 * picks + 1] = level;
                picked[3 * picks + 2] = total;
                picks++;
                total += count;
            }
        }
        if (picks == 0) {
            return;
        }
        int[] list = Arrays.copyOf(picked, 3 * picks);
        float[] gathered = gathered(from, rows, counts, list, total);
        for (int i = 0; i < list.length; i += 3) {
            int start = list[i + 2];
            int end = i + 3 < list.length ? list[i + 5] : total;
            var ids = new int[end - start];
            var logits = new float[ids.length];
            for (int j = 0; j < ids.length; j++) {
                ids[j] = (int) gathered[2 * (start + j)];
                logits[j] = gathered[2 * (start + j) + 1];
            }
            candidates.put(rows[list[i]], new Candidates(ids, logits));
        }
    }

    /**
     * Level of each row, or {@link #LEVELS} if there is none, and the number of its candidates.
     *
     * @param counts output: number of candidates before each part of a row, by level
     */
    private float[] chosen(Rows from, Truncation truncation, int[] rows, Buffer counts) {
        int parts = from.parts();
        Buffer masses = scratch.allocate(counts.length());
        Buffer chosen = scratch.allocate(2L * rows.length);
        memory.launch(COUNT)
                .set(Arg.COUNT, rows.length * parts)
                .set(Arg.V, from.V)
                .set(Arg.PARTS, parts)
                .set(Arg.ROWS, lists.of(rows))
                .read(Arg.Z, from.logits)
                .read(Arg.LSE, from.lse)
                .write(Arg.COUNTS, counts)
                .write(Arg.MASSES, masses)
                .runThreads(counts.length());
        memory.launch(CHOOSE)
                .set(Arg.COUNT, rows.length)
                .set(Arg.PARTS, parts)
                .set(Arg.LEAST, Math.min(truncation.topK(), from.V))
                .setReal(Real.LEAST, truncation.topK() > 0 ? 0 : truncation.topP() * MARGIN)
                .update(Arg.COUNTS, counts)
                .read(Arg.MASSES, masses)
                .write(Arg.CHOSEN, chosen)
                .runThreads((long) rows.length * LEVELS);
        return TornadoElements.numbers(chosen);
    }

    /** Numbers and probabilities of the candidates of each level in each part, a thread for each. */
    static void kCandidateLevels(KernelContext c, FloatArray lists, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int level = lid & (LEVELS - 1);
        int part = c.globalIdx / LEVELS;
        int V = p.get(Arg.V);
        float[] logits = c.allocateFloatLocalArray(GROUP * OF_LANE);
        float[] probabilities = c.allocateFloatLocalArray(GROUP * OF_LANE);
        int own = (lid - level) * OF_LANE; // the part's first
        int size = 0;
        float bound = 0f;
        if (part < p.get(Arg.COUNT)) {
            int draw = part / p.get(Arg.PARTS);
            int first = (part - draw * p.get(Arg.PARTS)) * Lanes.PART;
            int row = (int) lists.get(p.get(Arg.ROWS) + draw);
            float lse = m.get(p.get(Arg.LSE) + row);
            size = TornadoMath.min(Lanes.PART, V - first);
            bound = bound(lse, level);
            for (int i = level; i < size; i += LEVELS) {
                float logit = m.get(p.get(Arg.Z) + row * V + first + i);
                logits[own + i] = logit;
                probabilities[own + i] = DeviceMath.exp(logit - lse);
            }
        }
        c.localBarrier();
        int count = 0;
        float mass = 0f;
        for (int i = 0; i < size; i++) {
            if (logits[own + i] >= bound) {
                count++;
                mass += probabilities[own + i];
            }
        }
        if (part < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.COUNTS) + part * LEVELS + level, (float) count);
            m.set(p.get(Arg.MASSES) + part * LEVELS + level, mass);
        }
    }

    /** The least logit of a level's candidates: 0 to 45.5 below the log-sum-exp, in steps from 0.5 to 2.4. */
    private static float bound(float lse, int level) {
        return (float) (level * (level + 16)) * -0.03125f + lse;
    }

    /** Chooses the first level with enough candidates, a thread for each level; counts become those before each part. */
    static void kChooseLevel(KernelContext c, FloatArray m, IntArray p, FloatArray s, IntArray runs) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int level = lid & (LEVELS - 1);
        int draw = c.globalIdx / LEVELS;
        float[] counts = c.allocateFloatLocalArray(GROUP);
        int[] enough = c.allocateIntLocalArray(GROUP);
        float count = 0f;
        float mass = 0f;
        if (draw < p.get(Arg.COUNT)) {
            int first = draw * p.get(Arg.PARTS) * LEVELS + level;
            for (int part = 0; part < p.get(Arg.PARTS); part++) {
                float next = m.get(p.get(Arg.COUNTS) + first + part * LEVELS);
                m.set(p.get(Arg.COUNTS) + first + part * LEVELS, count);
                count += next;
                mass += m.get(p.get(Arg.MASSES) + first + part * LEVELS);
            }
        }
        counts[lid] = count;
        enough[lid] = 0;
        if (count >= (float) p.get(Arg.LEAST) && mass >= s.get(Real.LEAST)) {
            enough[lid] = 1;
        }
        c.localBarrier();
        if (level == 0 && draw < p.get(Arg.COUNT)) {
            int chosen = LEVELS;
            float ofChosen = 0f;
            for (int i = LEVELS - 1; i >= 0; i--) {
                if (enough[lid + i] == 1) {
                    chosen = i;
                    ofChosen = counts[lid + i];
                }
            }
            m.set(p.get(Arg.CHOSEN) + 2 * draw, (float) chosen);
            m.set(p.get(Arg.CHOSEN) + 2 * draw + 1, ofChosen);
        }
    }

    /**
     * Candidates of some rows: each one's id and logit.
     *
     * @param counts number of candidates before each part of a row, by level
     * @param picked index of a row, its level, and the number of candidates of those before it, for each
     * @param total  number of all candidates
     */
    private float[] gathered(Rows from, int[] rows, Buffer counts, int[] picked, int total) {
        Buffer gathered = scratch.allocate(2L * total);
        int picks = picked.length / 3;
        memory.launch(GATHER)
                .set(Arg.COUNT, picks * from.parts())
                .set(Arg.V, from.V)
                .set(Arg.PARTS, from.parts())
                .set(Arg.ROWS, lists.of(rows))
                .set(Arg.PICKED, lists.of(picked))
                .read(Arg.Z, from.logits)
                .read(Arg.LSE, from.lse)
                .read(Arg.COUNTS, counts)
                .write(Arg.GATHERED, gathered)
                .runThreads((long) picks * from.parts() * Lanes.COUNT);
        return TornadoElements.numbers(gathered);
    }

    /** A thread for so many logits of a part that lie side by side, so that candidates are in the order of their ids. */
    static void kGatherCandidates(KernelContext c, FloatArray lists, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int lane = lid & (Lanes.COUNT - 1);
        int part = c.globalIdx / Lanes.COUNT;
        int V = p.get(Arg.V);
        int parts = p.get(Arg.PARTS);
        int[] counts = c.allocateIntLocalArray(GROUP);
        int count = 0;
        int first = 0;
        int end = 0;
        int z = 0;
        int to = 0;
        float bound = 0f;
        if (part < p.get(Arg.COUNT)) {
            int pick = part / parts;
            int ofRow = part - pick * parts;
            int draw = (int) lists.get(p.get(Arg.PICKED) + 3 * pick);
            int level = (int) lists.get(p.get(Arg.PICKED) + 3 * pick + 1);
            to = (int) lists.get(p.get(Arg.PICKED) + 3 * pick + 2)
                    + (int) m.get(p.get(Arg.COUNTS) + (draw * parts + ofRow) * LEVELS + level);
            int row = (int) lists.get(p.get(Arg.ROWS) + draw);
            bound = bound(m.get(p.get(Arg.LSE) + row), level);
            z = p.get(Arg.Z) + row * V;
            first = ofRow * Lanes.PART + lane * OF_LANE;
            end = TornadoMath.min(first + OF_LANE, V);
            for (int i = first; i < end; i++) {
                if (m.get(z + i) >= bound) {
                    count++;
                }
            }
        }
        counts[lid] = count;
        c.localBarrier();
        if (count > 0) {
            for (int i = lid - lane; i < lid; i++) {
                to += counts[i];
            }
            to = p.get(Arg.GATHERED) + 2 * to;
            for (int i = first; i < end; i++) {
                float logit = m.get(z + i);
                if (logit >= bound) {
                    m.set(to, (float) i);
                    m.set(to + 1, logit);
                    to += 2;
                }
            }
        }
    }
}
