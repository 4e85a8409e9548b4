package org.rlvr4j.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Workspace;

/** At what rate does attention read the keys and values of sequences that take a step together, on one core? */
public class CachedAttentionBenchmark extends KernelBenchmark {

    /** Sequences, positions of each, H, G and D: as Qwen2.5-0.5B, as Qwen2.5-1.5B, and a step of tiny.yaml. */
    @Param({"1x1024x14x2x64", "16x1024x14x2x64", "16x1024x12x2x128", "512x40x4x2x32"})
    String shape = "";

    private Heads heads = new Heads(1, 1, 2);
    private PagedCache cache = new PagedCache(new Workspace(kernels, DType.F32), 1, heads, 1);
    private PagedCache.Sequence[] sequences = {};
    private Buffer q = placeholder;
    private Buffer y = placeholder;
    private double gigabytes;

    @Setup
    public void setup() {
        int[] sizes = sizes(shape);
        int positions = sizes[1];
        int pages = PagedCache.pagesFor(positions);
        heads = new Heads(sizes[2], sizes[3], sizes[4]);
        open(1);
        cache.close();
        cache = new PagedCache(new Workspace(kernels, DType.F32), 1, heads, sizes[0] * pages);
        Buffer k = random((long) positions * heads.keyValue() * heads.size(), 1);
        Buffer v = random(k.length(), 2);
        sequences = new PagedCache.Sequence[sizes[0]];
        for (int i = 0; i < sequences.length; i++) {
            sequences[i] = sequence(pages, positions);
            append(k, v, sequences[i], positions);
        }
        q = random((long) sequences.length * heads.query() * heads.size(), 3);
        y = arena.zeros(q.length());
        gigabytes = 1e-9 * sequences.length * 2 * k.segment().byteSize();
    }

    private PagedCache.Sequence sequence(int pages, int positions) {
        var pageNumbers = new int[pages];
        var counts = new int[pages];
        for (int page = 0; page < pages; page++) {
            pageNumbers[page] = cache.take();
            counts[page] = Math.min(PagedCache.POSITIONS, positions - page * PagedCache.POSITIONS);
        }
        return new PagedCache.Sequence(pageNumbers, counts);
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

    @Override
    public void close() {
        cache.close();
        super.close();
    }
}
