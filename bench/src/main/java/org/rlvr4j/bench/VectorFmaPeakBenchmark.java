package org.rlvr4j.bench;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** How many fused multiply-adds can one core do at most, if nothing has to come from memory? */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class VectorFmaPeakBenchmark {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int ROUNDS = 100_000;
    private static final int CHAINS = 12; // as many accumulators as the tile kernel has: enough to hide the latency
    private static final double FLOP_PER_MULTIPLY_ADD = 2;

    private float factor = 0.999f; // not final, so that the compiler cannot know it
    private float term = 0.001f;

    @Benchmark
    public float registersOnly(GflopCounter work) {
        FloatVector a = FloatVector.broadcast(S, factor);
        FloatVector b = FloatVector.broadcast(S, term);
        FloatVector c0 = b;
        FloatVector c1 = b.add(1f);
        FloatVector c2 = b.add(2f);
        FloatVector c3 = b.add(3f);
        FloatVector c4 = b.add(4f);
        FloatVector c5 = b.add(5f);
        FloatVector c6 = b.add(6f);
        FloatVector c7 = b.add(7f);
        FloatVector c8 = b.add(8f);
        FloatVector c9 = b.add(9f);
        FloatVector c10 = b.add(10f);
        FloatVector c11 = b.add(11f);
        for (int i = 0; i < ROUNDS; i++) {
            c0 = a.fma(b, c0);
            c1 = a.fma(b, c1);
            c2 = a.fma(b, c2);
            c3 = a.fma(b, c3);
            c4 = a.fma(b, c4);
            c5 = a.fma(b, c5);
            c6 = a.fma(b, c6);
            c7 = a.fma(b, c7);
            c8 = a.fma(b, c8);
            c9 = a.fma(b, c9);
            c10 = a.fma(b, c10);
            c11 = a.fma(b, c11);
        }
        work.gflop += 1e-9 * FLOP_PER_MULTIPLY_ADD * CHAINS * S.length() * ROUNDS;
        FloatVector sum = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
        return sum.add(c6).add(c7).add(c8).add(c9).add(c10).add(c11).lane(0);
    }
}
