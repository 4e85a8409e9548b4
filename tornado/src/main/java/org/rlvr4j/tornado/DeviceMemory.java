package org.rlvr4j.tornado;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Memory;
import org.rlvr4j.tensor.Panels;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * One run of a device's memory and its image on the host, from which all arenas take their blocks.
 *
 * <p>Kernels find numbers by their index in it. A number is newer on one side, or the same on both; it moves when the
 * other side needs it, together with the buffer that it is asked for in. What kernels make for each other never moves.
 */
final class DeviceMemory implements Memory, AutoCloseable {

    private static final int ALIGNMENT = 64; // bytes
    private static final int[] STAGES = {1 << 10, 1 << 16, 1 << 22};
    private static final long SMALL = 1 << 16; // numbers that are zeroed on both sides rather than moved

    private static final Ranges.Range NOTHING = new Ranges.Range(0, 0);

    private final Arena image = Arena.ofShared();
    private final MemorySegment numbers;
    private final Program program;
    private final Ranges free = new Ranges();
    private final Ranges hostNewer = new Ranges();
    private final Ranges deviceNewer = new Ranges();
    private final TreeMap<Long, Ranges.Range> widened = new TreeMap<>(); // by where the bfloat16 weight begins
    private Ranges.Range owned = NOTHING;
    private final Transfers.Count sent = new Transfers.Count();
    private final Transfers.Count received = new Transfers.Count();

    /** @param length numbers in single precision */
    DeviceMemory(TornadoDevice device, int length) {
        long header = TornadoNativeArray.ARRAY_HEADER;
        long bytes = (long) length * Float.BYTES;
        MemorySegment whole = image.allocate(ALIGNMENT + bytes, ALIGNMENT);
        numbers = whole.asSlice(ALIGNMENT, bytes);
        free.add(0, length);
        var array = FloatArray.fromSegmentShallow(whole.asSlice(ALIGNMENT - header, header + bytes));
        program = new Program(device, array, STAGES);
    }

    Program program() {
        return program;
    }

    /** Where a buffer is that a kernel reads from. */
    int read(Buffer buffer) {
        owned = NOTHING;
        Ranges.Range range = range(buffer);
        if (buffer.type() == DType.BF16) {
            return widened(buffer, range);
        }
        for (Ranges.Range part : hostNewer.remove(range.start(), range.end())) {
            send(numbers.asSlice(part.start() * Float.BYTES, part.length() * Float.BYTES), part.start());
        }
        return Math.toIntExact(range.start());
    }

    /** Where a weight is in single precision: TornadoVM's kernels cannot take a bfloat16 number apart. */
    private int widened(Buffer weight, Ranges.Range range) {
        Ranges.Range wide = widened.get(range.start());
        if (wide == null || wide.length() != 2 * range.length()) {
            if (wide != null) {
                free.add(wide.start(), wide.end());
            }
            wide = block(2 * range.length());
            widened.put(range.start(), wide);
        }
        if (!hostNewer.remove(range.start(), range.end()).isEmpty()) {
            var values = new float[Math.toIntExact(wide.length())];
            for (int i = 0; i < values.length; i++) {
                int feature = i % Panels.WIDTH; // j and j + 16 of a panel are beside each other in bfloat16
                values[i - feature + feature / 2 + feature % 2 * (Panels.WIDTH / 2)] = (float) weight.get(i);
            }
            send(MemorySegment.ofArray(values), wide.start());
        }
        return Math.toIntExact(wide.start());
    }

    /** Where a buffer is all of which a kernel sets. */
    int write(Buffer buffer) {
        owned = NOTHING;
        Ranges.Range range = range(buffer);
        hostNewer.remove(range.start(), range.end());
        deviceNewer.add(range.start(), range.end());
        return Math.toIntExact(range.start());
    }

    /** Where a buffer is that a kernel changes. */
    int update(Buffer buffer) {
        read(buffer);
        return write(buffer);
    }

    /** Where the first element of a buffer is in numbers of single precision, and where the last ends. */
    private Ranges.Range range(Buffer buffer) {
        long offset = buffer.segment().address() - numbers.address();
        if (buffer.type() == DType.F64 || buffer.memory() != this) {
            throw new IllegalArgumentException("a buffer of " + buffer.length() + " " + buffer.type()
                    + " elements is not in the device's memory, which holds single precision and bfloat16");
        }
        return new Ranges.Range(
                offset / Float.BYTES, (offset + buffer.segment().byteSize() + Float.BYTES - 1) / Float.BYTES);
    }

    /** Where a block of an arena is. */
    long index(MemorySegment block) {
        return (block.address() - numbers.address()) / Float.BYTES;
    }

    /** Moves single-precision numbers of the host's to the device. */
    void send(MemorySegment from, long to) {
        long count = from.byteSize() / Float.BYTES;
        for (long done = 0; done < count; ) {
            Program.Stage stage = stage(count - done);
            int some = (int) Math.min(count - done, stage.numbers().getSize());
            MemorySegment.copy(from, done * Float.BYTES, stage.numbers().getSegment(), 0, (long) some * Float.BYTES);
            program.send(stage, some, Math.toIntExact(to + done));
            sent.add(stage.bytes());
            done += some;
        }
    }

    private void receive(Ranges.Range range) {
        for (long done = 0; done < range.length(); ) {
            Program.Stage stage = stage(range.length() - done);
            int some = (int) Math.min(range.length() - done, stage.numbers().getSize());
            long from = range.start() + done;
            program.receive(stage, some, Math.toIntExact(from));
            long bytes = (long) some * Float.BYTES;
            MemorySegment.copy(stage.numbers().getSegment(), 0, numbers, from * Float.BYTES, bytes);
            received.add(stage.bytes());
            done += some;
        }
    }

    /** The smallest stage that holds so many numbers, or the largest. */
    private Program.Stage stage(long count) {
        return program.stages().stream()
                .filter(stage -> stage.numbers().getSize() >= count)
                .findFirst()
                .orElse(program.stages().getLast());
    }

    @Override
    public void beforeRead(Buffer buffer) {
        if (!isOwned(buffer)) {
            Ranges.Range range = range(buffer);
            deviceNewer.remove(range.start(), range.end()).forEach(this::receive);
        }
    }

    @Override
    public void beforeWrite(Buffer buffer) {
        if (!isOwned(buffer)) {
            beforeRead(buffer);
            owned = range(buffer);
            hostNewer.add(owned.start(), owned.end());
        }
    }

    /** Whether a buffer is in what the host wrote last, which then needs no looking up for each of its numbers. */
    private boolean isOwned(Buffer buffer) {
        long offset = buffer.segment().address() - numbers.address();
        return offset >= owned.start() * Float.BYTES
                && offset + buffer.segment().byteSize() <= owned.end() * Float.BYTES;
    }

    @Override
    public void forget(Buffer buffer) {
        owned = NOTHING;
        Ranges.Range range = range(buffer);
        hostNewer.remove(range.start(), range.end());
        deviceNewer.remove(range.start(), range.end());
    }

    @Override
    public void zero(Buffer buffer) {
        int at = write(buffer);
        int count = Math.toIntExact(range(buffer).length());
        if (count > 0) {
            program.run(Kernel.ZERO, groups(count), 1, count, at);
        }
        if (count <= SMALL || buffer.type() == DType.BF16) {
            buffer.segment().fill((byte) 0);
            deviceNewer.remove(at, (long) at + count);
        }
        if (buffer.type() == DType.BF16) {
            hostNewer.add(at, (long) at + count);
        }
    }

    @Override
    public void copy(Buffer from, Buffer to) {
        int x = read(from);
        int count = Math.toIntExact(range(from).length());
        int y = write(to);
        if (count > 0) {
            program.run(Kernel.COPY, groups(count), 1, count, x, y);
        }
    }

    static long groups(long count) {
        return (count + ElementKernels.GROUP - 1) / ElementKernels.GROUP;
    }

    /** What has crossed the bus so far. */
    Transfers transfers() {
        return new Transfers(
                sent.times(),
                sent.bytes(),
                received.times(),
                received.bytes(),
                program.launches(),
                program.controlBytes());
    }

    private Ranges.Range block(long length) {
        long start = length == 0 ? 0 : free.take(length);
        if (start < 0) {
            throw new IllegalStateException("the device's memory is full: " + length * Float.BYTES / 1_000_000
                    + " MB more are needed, and " + free.size() * Float.BYTES / 1_000_000 + " MB of "
                    + numbers.byteSize() / 1_000_000 + " MB are left");
        }
        return new Ranges.Range(start, start + length);
    }

    @Override
    public Arena open() {
        return new Blocks();
    }

    /** Blocks of the one run of memory, for the life of an arena. */
    private final class Blocks implements Arena {

        private final List<Ranges.Range> taken = new ArrayList<>();

        @Override
        public MemorySegment allocate(long bytes, long alignment) {
            Ranges.Range block = block((bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT / Float.BYTES);
            taken.add(block);
            return numbers.asSlice(block.start() * Float.BYTES, bytes);
        }

        @Override
        public MemorySegment.Scope scope() {
            return image.scope();
        }

        @Override
        public void close() {
            for (Ranges.Range block : taken) {
                Map<Long, Ranges.Range> copies = widened.subMap(block.start(), block.end());
                copies.values().forEach(copy -> free.add(copy.start(), copy.end()));
                copies.clear();
                free.add(block.start(), block.end());
            }
            taken.clear();
        }
    }

    @Override
    public void close() {
        program.close();
        image.close();
    }
}
