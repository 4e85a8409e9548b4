package org.rlvr4j.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.ScalarBackend;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.VectorBackend;
import org.rlvr4j.tensor.Workspace;

/** At what rate does attention read the keys and values of sequences that take a step together, on one core? */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class CachedAttentionBenchmark {

    /** Sequences, positions of each, H, G and D: as Qwen2.5-0.5B, as Qwen2.5-1.5B, and a step of tiny.yaml. */
    @Param({"1x1024x14x2x64", "16x1024x14x2x64", "16x1024x12x2x128", "512x40x4x2x32"})
    String shape = "";

    @Param({"vector", "scalar"})
    String backend = "";

    private final TensorArena arena = new TensorArena(DType.F32);
    private final Buffer none = arena.zeros(1);
    private Backend kernels = new ScalarBackend();
    private Heads heads = new Heads(1, 1, 2);
    private PagedCache cache = new PagedCache(new Workspace(kernels, DType.F32), 1, heads, 1);
    private PagedCache.Sequence[] sequences = {};
    private Buffer q = none;
    private Buffer y = none;
    private double gigabytes;

    @Setup
    public void setup() {
        int[] sizes =
                Arrays.stream(shape.split("x", -1)).mapToInt(Integer::parseInt).toArray();
        int positions = sizes[1];
        int pages = PagedCache.pagesFor(positions);
        heads = new Heads(sizes[2], sizes[3], sizes[4]);
        kernels = backend.equals("vector") ? new VectorBackend(1) : new ScalarBackend();
        cache.close();
        cache = new PagedCache(new Workspace(kernels, DType.F32), 1, heads, sizes[0] * pages);
        Buffer k = Numbers.random(arena, (long) positions * heads.keyValue() * heads.size(), 1);
        Buffer v = Numbers.random(arena, k.length(), 2);
        sequences = new PagedCache.Sequence[sizes[0]];
        for (int i = 0; i < sequences.length; i++) {
            sequences[i] = sequence(pages, positions);
            append(k, v, sequences[i], positions);
        }
        q = Numbers.random(arena, (long) sequences.length * heads.query() * heads.size(), 3);
        y = arena.zeros(q.length());
        gigabytes = 1e-9 * sequences.length * 2 * k.segment().byteSize();
    }

    private PagedCache.Sequence sequence(int pages, int positions) {
        var taken = new int[pages];
        var counts = new int[pages];
        for (int page = 0; page < pages; page++) {
            taken[page] = cache.take();
            counts[page] = Math.min(PagedCache.POSITIONS, positions - page * PagedCache.POSITIONS);
        }
        return new PagedCache.Sequence(taken, counts);
    }

    private void append(Buffer k, Buffer v, PagedCache.Sequence sequence, int positions) {
        var pages = new int[positions];
        var slots = new int[positions];
        for (int t = 0; t < positions; t++) {
            pages[t] = sequence.pages()[t / PagedCache.POSITIONS];
            slots[t] = t % PagedCache.POSITIONS;
        }
        kernels.cacheAppend(k, v, cache, 0, pages, slots);
    }

    @Benchmark
    public Buffer attention(GigabyteCounter work) {
        kernels.cachedAttention(q, y, cache, 0, sequences, heads.query());
        work.gigabytes += gigabytes;
        return y;
    }

    @TearDown
    public void close() {
        kernels.close();
        cache.close();
        arena.close();
    }
}
