package org.rlvr4j.tornado;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.TensorArena;

/** Log-probabilities of chosen tokens, and the drawing of new ones; logits exist for a block of rows at a time. */
final class TokenOps {

    private static final int BLOCK = 1 << 22; // logits of one block, at most, unless one row has more

    private final TornadoBackend backend;
    private final DeviceMemory memory;
    private final Program program;
    private final Lists lists;
    private final TensorArena scratch;

    TokenOps(TornadoBackend backend, DeviceMemory memory, Lists lists, TensorArena scratch) {
        this.backend = backend;
        this.memory = memory;
        this.program = memory.program();
        this.lists = lists;
        this.scratch = scratch;
    }

    void logProb(
            Buffer x,
            Buffer w,
            int[] targets,
            double temperature,
            Buffer out,
            Buffer lse,
            @Nullable Buffer kept,
            int C,
            int V) {
        int T = targets.length;
        int rows = rows(T, V);
        Buffer room = kept == null ? scratch.allocate((long) rows * V) : kept;
        int list = lists.of(targets);
        int o = memory.write(out);
        int l = memory.write(lse);
        for (int t = 0; t < T; t += rows) {
            int n = Math.min(rows, T - t);
            Buffer z = room.slice(kept == null ? 0 : (long) t * V, (long) n * V);
            backend.linear(x.slice((long) t * C, (long) n * C), w, null, z, n, C, V);
            statistics(memory.write(z), l + t, o + 2 * t, list + t, temperature, n, V);
        }
    }

    /** Rows of a block. */
    private static int rows(int T, int V) {
        return Math.max(1, Math.min(T, BLOCK / V));
    }

    /** Divides logits by the temperature, and sets each row's logarithm of the sum of exponentials. */
    void statistics(Buffer logits, Buffer lse, double temperature, int T, int V) {
        statistics(memory.update(logits), memory.write(lse), -1, 0, temperature, T, V);
    }

    private void statistics(int z, int lse, int out, int targets, double temperature, int T, int V) {
        program.scalars(temperature);
        program.run(Kernel.ROW_STATISTICS, T, 1, V, z, lse, out, targets);
    }

    void logProbBackward(LogProb op, Buffer out, Buffer dout, @Nullable Buffer dx, @Nullable Accumulator dw) {
        int T = op.targets().length;
        int C = op.w().cols();
        int V = op.w().rows();
        int rows = rows(T, V);
        Buffer room = scratch.allocate((long) rows * V);
        int list = lists.of(op.targets());
        int o = memory.read(out);
        int d = memory.read(dout);
        int l = memory.read(op.lse().data());
        for (int t = 0; t < T; t += rows) {
            int n = Math.min(rows, T - t);
            Buffer x = op.x().data().slice((long) t * C, (long) n * C);
            Buffer dz = room.slice(0, (long) n * V);
            int z = logits(op, x, dz, t, n);
            int count = TornadoBackend.count(dz);
            program.scalars(op.temperature());
            program.run(
                    Kernel.LOGIT_GRADIENT,
                    TornadoBackend.elements(count),
                    1,
                    count,
                    V,
                    z,
                    memory.write(dz),
                    l + t,
                    o + 2 * t,
                    d + 2 * t,
                    list + t);
            if (dx != null) {
                Buffer some = dx.slice((long) t * C, (long) n * C);
                backend.linearBackwardInput(dz, op.w().data(), new Accumulator(some, true), n, C, V);
            }
            if (dw != null) {
                backend.linearBackwardWeight(dz, x, new Accumulator(dw.buffer(), dw.add() || t > 0), n, C, V);
            }
        }
    }

    /** Where the logits of n rows from t are: kept, or computed again into {@code room}. */
    private int logits(LogProb op, Buffer x, Buffer room, int t, int n) {
        int C = op.w().cols();
        int V = op.w().rows();
        Buffer kept = op.logits();
        if (kept != null) {
            return memory.read(kept.slice((long) t * V, (long) n * V));
        }
        backend.linear(x, op.w().data(), null, room, n, C, V);
        int unread = memory.write(scratch.allocate(n));
        int z = memory.write(room);
        statistics(z, unread, -1, 0, op.temperature(), n, V);
        return z;
    }

    int[] draw(Buffer logits, Buffer lse, int V, int[] rows, double[] bounds, float[] logProbs) {
        Buffer drawn = scratch.allocate(2L * rows.length);
        program.run(
                Kernel.DRAW,
                rows.length,
                1,
                V,
                memory.read(logits),
                memory.read(lse),
                lists.of(rows),
                lists.of(bounds),
                memory.write(drawn));
        var tokens = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            tokens[i] = (int) drawn.get(2L * i);
            logProbs[i] = (float) drawn.get(2L * i + 1);
        }
        return tokens;
    }
}
