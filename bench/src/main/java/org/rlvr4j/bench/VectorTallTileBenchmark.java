package org.rlvr4j.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.rlvr4j.tensor.TallTileLoop;

/** How near does the innermost kernel of matrix products come to what {@link VectorFmaPeakBenchmark} finds? */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class VectorTallTileBenchmark {

    private final TallTileLoop tiles = new TallTileLoop(1);

    /** What JMH shows as {@code gflop}: billions of multiplications and additions in a second. */
    @AuxCounters
    @State(Scope.Thread)
    public static class Work {

        public double gflop;

        @Setup(Level.Iteration)
        public void reset() {
            gflop = 0;
        }
    }

    @Benchmark
    public float fromCaches(Work work) {
        work.gflop += tiles.gflop();
        return tiles.run();
    }

    @TearDown
    public void close() {
        tiles.close();
    }
}
