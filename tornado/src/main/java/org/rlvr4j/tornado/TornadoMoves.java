package org.rlvr4j.tornado;

import java.lang.foreign.MemorySegment;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Moves of numbers as they are: zeros, copies, and what passes between host and device. A thread for each number. */
final class TornadoMoves {

    private static final int GROUP = TornadoElements.GROUP;

    static final Kernel ZERO = Kernel.of(TornadoMoves.class, "kZero", TornadoMoves::kZero, GROUP, 1);
    static final Kernel COPY = Kernel.of(TornadoMoves.class, "kCopy", TornadoMoves::kCopy, GROUP, 1);

    /** All but those of stages. */
    static final List<Kernel> KERNELS = List.of(ZERO, COPY);

    private TornadoMoves() {}

    /** Arguments of the kernels. */
    private static final class Arg {
        static final int COUNT = 0, FROM = 1, TO = 2;
    }

    static void zero(DeviceMemory memory, int to, int count) {
        memory.launch(ZERO).set(Arg.COUNT, count).set(Arg.TO, to).runThreads(count);
    }

    static void kZero(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.TO) + i, 0f);
        }
    }

    static void copy(DeviceMemory memory, int from, int to, int count) {
        memory.launch(COPY)
                .set(Arg.COUNT, count)
                .set(Arg.FROM, from)
                .set(Arg.TO, to)
                .runThreads(count);
    }

    static void kCopy(KernelContext c, FloatArray m, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.TO) + i, m.get(p.get(Arg.FROM) + i));
        }
    }

    /** Staging array, which crosses the bus as a whole. */
    static final class Stage {

        private final FloatArray numbers;
        private final Kernel receive;
        private final Kernel send;

        /** @param size capacity, in numbers */
        Stage(int size) {
            numbers = new FloatArray(size);
            receive = kernel("kReceive" + size, (graph, c, m, p, _) -> {
                TaskGraph staged = graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, numbers);
                return staged.task(Kernel.TASK, TornadoMoves::kReceive, c, m, numbers, p);
            });
            send = kernel("kSend" + size, (graph, c, m, p, _) -> {
                TaskGraph staged = graph.task(Kernel.TASK, TornadoMoves::kSend, c, m, numbers, p);
                return staged.transferToHost(DataTransferMode.EVERY_EXECUTION, numbers);
            });
        }

        private static Kernel kernel(String name, Kernel.Code code) {
            return new Kernel(TornadoMoves.class, name, GROUP, 1, false, code);
        }

        List<Kernel> kernels() {
            return List.of(receive, send);
        }

        int size() {
            return numbers.getSize();
        }

        /** Bytes that cross the bus at each use. */
        long bytes() {
            return (long) size() * Float.BYTES;
        }

        /** Moves numbers of the host's to the device's memory. */
        void toDevice(DeviceMemory memory, MemorySegment from, int to) {
            numbers.getSegment().copyFrom(from);
            int count = (int) (from.byteSize() / Float.BYTES);
            memory.launch(receive).set(Arg.COUNT, count).set(Arg.TO, to).runThreads(count);
        }

        /** Moves numbers of the device's memory to the host. */
        void toHost(DeviceMemory memory, int from, MemorySegment to) {
            int count = (int) (to.byteSize() / Float.BYTES);
            memory.launch(send).set(Arg.COUNT, count).set(Arg.FROM, from).runThreads(count);
            to.copyFrom(numbers.getSegment().asSlice(0, to.byteSize()));
        }
    }

    /** From a staging array to the device's memory. */
    static void kReceive(KernelContext c, FloatArray m, FloatArray stage, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            m.set(p.get(Arg.TO) + i, stage.get(i));
        }
    }

    /** From the device's memory to a staging array. */
    static void kSend(KernelContext c, FloatArray m, FloatArray stage, IntArray p) {
        int i = c.globalIdx;
        if (i < p.get(Arg.COUNT)) {
            stage.set(i, m.get(p.get(Arg.FROM) + i));
        }
    }
}
