package org.rlvr4j.tornado;

import static org.rlvr4j.tensor.Role.ACTIVATIONS;
import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.util.List;
import java.util.stream.Stream;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Lanes;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Gradients of attention over packed rows, by the formula of {@link Attention#backward}. */
final class TornadoAttentionBackward {

    private static final int THREADS = TornadoAttention.THREADS;
    private static final int ROWS = THREADS / Lanes.COUNT; // of a group

    private static final Kernel DELTA = Kernel.of(
            TornadoAttentionBackward.class,
            "kAttentionDelta",
            TornadoAttentionBackward::kAttentionDelta,
            THREADS,
            1,
            in(ACTIVATIONS, Arg.DY, Arg.Y, Arg.DELTA));

    static final List<Kernel> KERNELS = Stream.of(
                    List.of(DELTA), TornadoAttentionQueries.KERNELS, TornadoAttentionKeys.KERNELS)
            .flatMap(List::stream)
            .toList();

    private final DeviceMemory memory;
    private final Lists lists;
    private final TensorArena scratch;
    private final TornadoAttentionQueries queries;
    private final TornadoAttentionKeys keys;

    TornadoAttentionBackward(DeviceMemory memory, Lists lists, TensorArena scratch) {
        this.memory = memory;
        this.lists = lists;
        this.scratch = scratch;
        queries = new TornadoAttentionQueries(memory, lists);
        keys = new TornadoAttentionKeys(memory, lists, scratch);
    }

    /** Arguments of the kernel: sizes, and places of matrices. */
    private static final class Arg {
        static final int COUNT = 0, D = 1, Y = 2, DY = 3, DELTA = 4;
    }

    void backward(Attention op, Buffer y, Buffer dy, Buffer dq, Buffer dk, Buffer dv) {
        int count = op.segments().total() * op.heads().query();
        if (count == 0) {
            return;
        }
        lists.begin();
        scratch.release();
        Buffer delta = scratch.allocate(count);
        memory.launch(DELTA)
                .set(Arg.COUNT, count)
                .set(Arg.D, op.heads().size())
                .read(Arg.DY, dy)
                .read(Arg.Y, y)
                .write(Arg.DELTA, delta)
                .runGroups(Math.ceilDiv(count, ROWS));
        var blocks = new AttentionBlocks(op.segments(), op.heads());
        queries.backward(op, blocks, dy, delta, dq);
        keys.backward(op, blocks, dy, delta, dk, dv);
    }

    /** {@code delta = dy . y}, a warp for each row and head. */
    static void kAttentionDelta(KernelContext c, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int lid = c.localIdx;
        int lane = lid & (Lanes.COUNT - 1);
        int row = c.groupIdx * ROWS + lid / Lanes.COUNT;
        int D = p.get(Arg.D);
        float[] lanes = c.allocateFloatLocalArray(THREADS);
        float sum = 0f;
        if (row < p.get(Arg.COUNT)) {
            for (int d = lane; d < D; d += Lanes.COUNT) {
                sum += m.get(p.get(Arg.DY) + row * D + d) * m.get(p.get(Arg.Y) + row * D + d);
            }
        }
        lanes[lid] = sum;
        for (int half = Lanes.COUNT / 2; half > 0; half >>= 1) {
            c.localBarrier();
            if (lane < half) {
                lanes[lid] = lanes[lid] + lanes[lid + half];
            }
        }
        if (lane == 0 && row < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.DELTA) + row, lanes[lid]);
        }
    }
}
