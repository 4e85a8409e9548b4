package org.rlvr4j.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.rlvr4j.tensor.vector.TileLoop;

/**
 * How close does the innermost kernel of matrix products come to the peak that {@link VectorFmaPeakBenchmark} finds?
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class VectorTileBenchmark {

    private final TileLoop tiles = new TileLoop(1);

    @Benchmark
    public float fromCaches(GflopCounter work) {
        work.gflop += tiles.gflop();
        return tiles.run();
    }

    @TearDown
    public void close() {
        tiles.close();
    }
}
