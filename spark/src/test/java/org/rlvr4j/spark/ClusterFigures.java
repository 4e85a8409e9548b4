package org.rlvr4j.spark;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.rlvr4j.run.workers.WorkersPlan;
import scala.Tuple2;

/**
 * Program that measures what moves in a step on a cluster: weights to all executors, and gradients added on the executors or
 * collected by the driver, as {@link Fleet} moves them. Arguments: a master, and sizes in MB.
 */
final class ClusterFigures {

    private ClusterFigures() {}

    /** Memory of an executor in which weights are put, and from which a gradient is taken. */
    private static final class Held {

        private static final Arena ARENA = Arena.ofShared();
        private static MemorySegment memory = MemorySegment.NULL;

        private Held() {}

        static synchronized MemorySegment of(long bytes) {
            if (memory.byteSize() != bytes) {
                memory = ARENA.allocate(bytes, Float.BYTES);
                for (long i = 0; i < bytes; i += Float.BYTES) {
                    memory.set(ValueLayout.JAVA_FLOAT, i, i % 1000 * 1e-3f);
                }
            }
            return memory;
        }
    }

    public static void main(String[] args) {
        long begin = System.nanoTime();
        try (var spark = new JavaSparkContext(SparkWorkers.conf(args[0]))) {
            say("session", begin);
            var jobs = new Jobs(spark, () -> {}, "");
            List<Integer> two = List.of(0, 1);
            timed("first job", () -> jobs.run(two, task -> task, _ -> {}));
            timed("empty job", () -> jobs.run(two, task -> task, _ -> {}));
            for (int i = 1; i < args.length; i++) {
                measure(spark, jobs, Long.parseLong(args[i]) << 20);
            }
        }
    }

    private static void measure(JavaSparkContext spark, Jobs jobs, long bytes) {
        System.out.println((bytes >> 20) + " MB, " + new Ranges(bytes).count() + " ranges, two executors");
        List<Integer> two = List.of(0, 1);
        timed("memory made", () -> jobs.run(two, task -> Held.of(bytes).byteSize() + task, _ -> {}));
        MemorySegment here = Held.of(bytes);
        for (int round = 0; round < 3; round++) {
            long begin = System.nanoTime();
            Weights weights = SentWeights.once(spark, here);
            say("  given to broadcast", begin);
            jobs.run(two, new Received(weights, bytes), _ -> {});
            say("broadcast, and put in place", begin);
            SentWeights.destroy(weights);

            timed("added on the executors", () -> jobs.run(sums(spark, bytes), sum -> sum.bytes().length, _ -> {}));
            timed(
                    "added, and sent to the driver",
                    () -> jobs.run(
                            sums(spark, bytes), sum -> sum, sum -> Ranges.write(sum.bytes(), here, sum.range())));
            if (bytes > 2 * WorkersPlan.COLLECTED) {
                continue; // its heap is not planned for so much
            }
            timed("collected by the driver, and added", () -> {
                var blocks = new ArrayList<ArrayList<byte[]>>();
                jobs.run(two, new Whole(bytes), blocks::add);
                for (int range = 0; range < new Ranges(bytes).count(); range++) {
                    Ranges.write(
                            Ranges.sum(new byte[][] {
                                blocks.get(0).get(range), blocks.get(1).get(range)
                            }),
                            here,
                            range);
                }
            });
        }
    }

    /** Puts weights in place. */
    private record Received(Weights weights, long bytes) implements Jobs.Work<Integer, Integer> {

        @Override
        public Integer of(Integer task) {
            weights.fetch(Held.of(bytes), 0);
            return task;
        }
    }

    /** Returns a gradient, in ranges. */
    private record Whole(long bytes) implements Jobs.Work<Integer, ArrayList<byte[]>> {

        @Override
        public ArrayList<byte[]> of(Integer task) {
            var ranges = new Ranges(bytes);
            var all = new ArrayList<byte[]>();
            for (int range = 0; range < ranges.count(); range++) {
                all.add(ranges.read(Held.of(bytes), range));
            }
            return all;
        }
    }

    private static JavaRDD<Gradients.Sum> sums(JavaSparkContext spark, long bytes) {
        JavaPairRDD<Integer, Gradients.Part> parts = spark.parallelize(List.of(0, 1), 2)
                .flatMapToPair(block -> {
                    var ranges = new Ranges(bytes);
                    return IntStream.range(0, ranges.count())
                            .mapToObj(range -> new Tuple2<>(
                                    range, new Gradients.Part(block, ranges.read(Held.of(bytes), range), null)))
                            .iterator();
                });
        return parts.groupByKey(new Ranges(bytes).count()).map(Gradients::sum);
    }

    private static void timed(String what, Runnable work) {
        long begin = System.nanoTime();
        work.run();
        say(what, begin);
    }

    private static void say(String what, long begin) {
        System.out.printf("%-40s %6.2f s%n", what, (System.nanoTime() - begin) / 1e9);
    }
}
