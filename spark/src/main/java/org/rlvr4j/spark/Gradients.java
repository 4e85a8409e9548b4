package org.rlvr4j.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/** Gradients of blocks of shards, as the workers compute and add them. */
@SuppressWarnings({"ArrayRecordComponent", "serial"})
final class Gradients {

    /** Number that stands for the notes where those of ranges stand. */
    static final int NOTES = -1;

    private Gradients() {}

    /** What is needed to learn a block. */
    record Setting(WorkerSpec spec, Weights frozen, Weights weights, String run, Weights reference)
            implements Serializable {

        Worker worker() {
            var worker = Worker.of(spec);
            worker.update(frozen, weights);
            return worker;
        }
    }

    /** A block's gradient with its notes. */
    record Block(int block, Wire.NotesData notes, ArrayList<byte[]> ranges) implements Serializable {}

    /** Learns a block, and returns its whole gradient. */
    record Whole(Setting setting) implements Jobs.Work<Wire.TaskData, Block> {

        Whole(WorkerSpec spec, Weights frozen, Weights weights, String run, Weights reference) {
            this(new Setting(spec, frozen, weights, run, reference));
        }

        @Override
        public Block of(Wire.TaskData task) {
            Worker worker = setting.worker();
            Wire.NotesData notes = worker.learn(task, setting.run, setting.reference);
            var ranges = new ArrayList<byte[]>();
            for (int range = 0; range < worker.gradientRanges().count(); range++) {
                ranges.add(worker.gradient(range));
            }
            return new Block(task.block(), notes, ranges);
        }
    }

    /** A range of a block's gradient, or the block's notes. */
    record Part(int block, byte[] bytes, Wire.@Nullable NotesData notes) implements Serializable {}

    /** Learns a block, and returns its gradient range by range. */
    record OfBlock(Setting setting) implements PairFlatMapFunction<Wire.TaskData, Integer, Part> {

        OfBlock(WorkerSpec spec, Weights frozen, Weights weights, String run, Weights reference) {
            this(new Setting(spec, frozen, weights, run, reference));
        }

        @Override
        public Iterator<Tuple2<Integer, Part>> call(Wire.TaskData task) {
            Worker worker = setting.worker();
            Wire.NotesData notes = worker.learn(task, setting.run, setting.reference);
            int count = worker.gradientRanges().count();
            return new Iterator<>() {

                private int range = NOTES;

                @Override
                public boolean hasNext() {
                    return range < count;
                }

                @Override
                public Tuple2<Integer, Part> next() {
                    if (!hasNext()) {
                        throw new NoSuchElementException();
                    }
                    int at = range++;
                    return new Tuple2<>(
                            at,
                            at == NOTES
                                    ? new Part(task.block(), new byte[0], notes)
                                    : new Part(task.block(), worker.gradient(at), null));
                }
            };
        }
    }

    /** A range of the sum over all blocks, or the notes of all blocks in their order. */
    record Sum(int range, byte[] bytes, ArrayList<Wire.NotesData> notes) implements Serializable {}

    /** Adds a range's blocks in their order. */
    static Sum sum(Tuple2<Integer, Iterable<Part>> parts) {
        List<Part> blocks = new ArrayList<>();
        parts._2().forEach(blocks::add);
        blocks.sort(Comparator.comparingInt(Part::block));
        var notes = new ArrayList<Wire.NotesData>();
        for (Part block : blocks) {
            if (block.notes() != null) {
                notes.add(block.notes());
            }
        }
        byte[] bytes = parts._1() == NOTES
                ? new byte[0]
                : Ranges.sum(blocks.stream().map(Part::bytes).toArray(byte[][]::new));
        return new Sum(parts._1(), bytes, notes);
    }
}
