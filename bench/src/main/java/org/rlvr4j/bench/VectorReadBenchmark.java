package org.rlvr4j.bench;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.TensorArena;

/** How many bytes can be read from memory in a second, by one thread ({@code -t 1}) or several, each with its own? */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class VectorReadBenchmark {

    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final long LENGTH = 64L << 20; // elements, 256 MiB: far beyond the caches
    private static final long VECTOR = (long) S.length() * Float.BYTES;
    private static final int UNROLLED = 4;

    private final TensorArena arena = new TensorArena(DType.F32);
    private final Buffer numbers = arena.zeros(LENGTH);

    @Benchmark
    public float sum(GigabyteCounter work) {
        MemorySegment segment = numbers.segment();
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (long at = 0; at < segment.byteSize(); at += UNROLLED * VECTOR) {
            s0 = s0.add(load(segment, at));
            s1 = s1.add(load(segment, at + VECTOR));
            s2 = s2.add(load(segment, at + 2 * VECTOR));
            s3 = s3.add(load(segment, at + 3 * VECTOR));
        }
        work.gigabytes += 1e-9 * segment.byteSize();
        return s0.add(s1).add(s2).add(s3).lane(0);
    }

    private static FloatVector load(MemorySegment segment, long at) {
        return FloatVector.fromMemorySegment(S, segment, at, ByteOrder.nativeOrder());
    }

    @TearDown
    public void close() {
        arena.close();
    }
}
