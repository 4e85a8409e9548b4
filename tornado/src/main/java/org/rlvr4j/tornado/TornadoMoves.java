package org.rlvr4j.tornado;

import static org.rlvr4j.tornado.Kernel.Operands.in;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tornado.places.Ranges;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Moves of numbers as they are: zeros, copies, and what passes between host and device. A thread for each number. */
final class TornadoMoves {

    private static final int GROUP = TornadoElements.GROUP;
    private static final Set<Role> ANY = EnumSet.allOf(Role.class);

    static final Kernel ZERO = Kernel.of(TornadoMoves.class, "kZero", TornadoMoves::kZero, GROUP, 1, in(ANY, Arg.TO));
    static final Kernel COPY =
            Kernel.of(TornadoMoves.class, "kCopy", TornadoMoves::kCopy, GROUP, 1, in(ANY, Arg.FROM), in(ANY, Arg.TO));

    /** All but those of stages. */
    static final List<Kernel> KERNELS = List.of(ZERO, COPY);

    private TornadoMoves() {}

    /** Arguments of the kernels. */
    private static final class Arg {
        static final int COUNT = 0, FROM = 1, TO = 2;
    }

    /** Makes a bank on the device; what is only written need not be sent. */
    static void kMake(KernelContext c, FloatArray m) {
        m.set(c.globalIdx, 0f);
    }

    /** Makes the counts of runs on the device. */
    static void kMakeCounts(KernelContext c, IntArray runs) {
        runs.set(c.globalIdx, 0);
    }

    /** Changes nothing on the device. */
    static void kHandOver(KernelContext c, IntArray runs, IntArray received) {
        received.set(c.globalIdx, runs.get(c.globalIdx));
    }

    static void zero(DeviceMemory memory, Ranges.Range to) {
        memory.launch(ZERO).set(Arg.COUNT, count(to)).on(Arg.TO, to).runThreads(to.length());
    }

    /** Arguments that zero the first numbers of a bank. */
    static int[] zeroing(int count) {
        var integers = new int[Program.INTEGERS];
        integers[Arg.COUNT] = count;
        return integers;
    }

    static void kZero(KernelContext c, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.TO) + i, 0f);
        }
    }

    static void copy(DeviceMemory memory, Ranges.Range from, Ranges.Range to) {
        memory.launch(COPY)
                .set(Arg.COUNT, count(from))
                .on(Arg.FROM, from)
                .on(Arg.TO, to)
                .runThreads(from.length());
    }

    private static int count(Ranges.Range range) {
        return Math.toIntExact(range.length());
    }

    static void kCopy(KernelContext c, FloatArray from, FloatArray to, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            to.set(p.get(Arg.TO) + i, from.get(p.get(Arg.FROM) + i));
        }
    }

    /** Staging array, which crosses the bus as a whole; at its end are the counts of runs. */
    static final class Stage {

        private final FloatArray numbers;
        private final int size;
        private final Kernel receive;
        private final Kernel send;

        /**
         * @param size   capacity, in numbers
         * @param counts number of counts
         */
        Stage(int size, int counts) {
            this.size = size;
            numbers = new FloatArray(size + counts);
            receive = kernel("kReceive" + size, Arg.TO, (graph, x) -> {
                TaskGraph staged = graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, numbers);
                return staged.task(x.task(), TornadoMoves::kReceive, x.c(), x.bank(0), numbers, x.p(), x.runs());
            });
            send = kernel("kSend" + size, Arg.FROM, (graph, x) -> {
                TaskGraph staged =
                        graph.task(x.task(), TornadoMoves::kSend, x.c(), x.bank(0), numbers, x.p(), x.runs());
                return staged.transferToHost(DataTransferMode.EVERY_EXECUTION, numbers);
            });
        }

        /** Number of kernels that a stage has for each bank. */
        static final int KERNELS = 2;

        private static Kernel kernel(String name, int place, Kernel.Code code) {
            return new Kernel(TornadoMoves.class, name, List.of(in(ANY, place)), GROUP, 1, false, code);
        }

        List<Kernel> kernels() {
            return List.of(receive, send);
        }

        int size() {
            return size;
        }

        /** Bytes that cross the bus at each use. */
        long bytes() {
            return (long) numbers.getSize() * Float.BYTES;
        }

        /** Moves numbers of the host's to the device's memory, before the launches that are queued. */
        void toDevice(DeviceMemory memory, MemorySegment from, Ranges.Range to) {
            numbers.getSegment().copyFrom(from);
            memory.launch(receive).set(Arg.COUNT, count(to)).on(Arg.TO, to).runThreadsAhead(to.length());
        }

        /**
         * Moves numbers of the device's memory to the host, after the launches that are queued.
         *
         * @throws IllegalStateException if a kernel did not run; the message names it
         */
        void toHost(DeviceMemory memory, Ranges.Range from, MemorySegment to) {
            memory.launch(send)
                    .set(Arg.COUNT, count(from))
                    .on(Arg.FROM, from)
                    .runThreads(Math.max(from.length(), numbers.getSize() - size));
            memory.program().flush();
            memory.program().requireRuns(numbers, size);
            to.copyFrom(numbers.getSegment().asSlice(0, to.byteSize()));
        }
    }

    /** From a staging array to the device's memory. */
    static void kReceive(KernelContext c, FloatArray m, FloatArray stage, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.TO) + i, stage.get(i));
        }
    }

    /** From the device's memory to a staging array, with the counts of runs, of which this one's is being changed. */
    static void kSend(KernelContext c, FloatArray m, FloatArray stage, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            stage.set(i, m.get(p.get(Arg.FROM) + i));
        }
        if (i < runs.getSize()) {
            int count = p.get(Runs.NUMBER);
            if (i != p.get(Runs.SLOT)) {
                count = runs.get(i);
            }
            stage.set(stage.getSize() - runs.getSize() + i, Runs.exact(count));
        }
    }
}
