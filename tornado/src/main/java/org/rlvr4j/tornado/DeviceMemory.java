package org.rlvr4j.tornado;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Memory;
import org.rlvr4j.tensor.Panels;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Memory of a device and its image on the host: one array, from which all arenas take their blocks.
 *
 * <p>Kernels find numbers by their index in it. A number is newer on one side, or the same on both; it moves when the
 * other side needs it, together with the buffer that it is asked for in. What kernels make for each other never moves.
 */
final class DeviceMemory implements Memory, AutoCloseable {

    private static final int ALIGNMENT = 64; // bytes
    private static final long SMALL = 1 << 16; // numbers that are zeroed on both sides rather than moved
    private static final Ranges.Range NOTHING = new Ranges.Range(0, 0);

    private final Arena image = Arena.ofShared();
    private final MemorySegment numbers;
    private final List<TornadoMoves.Stage> stages; // in increasing order of size
    private final Program program;
    private final Ranges free = new Ranges();
    private final Ranges hostNewer = new Ranges();
    private final Ranges deviceNewer = new Ranges();
    private final TreeMap<Long, Ranges.Range> widened = new TreeMap<>(); // by where the bfloat16 weight begins
    private Ranges.Range lastWritten = NOTHING; // by the host
    private final Transfers.Count sent = new Transfers.Count();
    private final Transfers.Count received = new Transfers.Count();

    /**
     * @param capacity numbers of single precision
     * @param kernels  all that will ever run, but for those that move numbers
     */
    DeviceMemory(TornadoDevice device, int capacity, List<Kernel> kernels) {
        long header = TornadoNativeArray.ARRAY_HEADER;
        long bytes = (long) capacity * Float.BYTES;
        MemorySegment whole = image.allocate(ALIGNMENT + bytes, ALIGNMENT);
        numbers = whole.asSlice(ALIGNMENT, bytes);
        free.add(0, capacity);
        var array = FloatArray.fromSegmentShallow(whole.asSlice(ALIGNMENT - header, header + bytes));
        stages = Stream.of(1 << 10, 1 << 16, 1 << 22)
                .map(TornadoMoves.Stage::new)
                .toList();
        var all = new ArrayList<Kernel>(kernels);
        all.addAll(TornadoMoves.KERNELS);
        stages.forEach(stage -> all.addAll(stage.kernels()));
        program = new Program(device, array, all);
    }

    Program program() {
        return program;
    }

    /** Begins the launch of a kernel. */
    Launch launch(Kernel kernel) {
        return new Launch(this, kernel);
    }

    /** Place of a buffer that a kernel reads. */
    int read(Buffer buffer) {
        lastWritten = NOTHING;
        Ranges.Range range = range(buffer);
        if (buffer.type() == DType.BF16) {
            return widened(buffer, range);
        }
        for (Ranges.Range part : hostNewer.remove(range.start(), range.end())) {
            send(numbers.asSlice(part.start() * Float.BYTES, part.length() * Float.BYTES), part.start());
        }
        return Math.toIntExact(range.start());
    }

    /** Place of a weight in single precision: TornadoVM's kernels cannot take a bfloat16 number apart. */
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

    /** Place of a buffer all of which a kernel sets. */
    int write(Buffer buffer) {
        lastWritten = NOTHING;
        Ranges.Range range = range(buffer);
        hostNewer.remove(range.start(), range.end());
        deviceNewer.add(range.start(), range.end());
        return Math.toIntExact(range.start());
    }

    /** Place of a buffer that a kernel changes. */
    int update(Buffer buffer) {
        read(buffer);
        return write(buffer);
    }

    /** Places of a buffer's elements, in numbers of single precision. */
    private Ranges.Range range(Buffer buffer) {
        long offset = buffer.segment().address() - numbers.address();
        if (buffer.type() == DType.F64 || buffer.memory() != this) {
            throw new IllegalArgumentException("a buffer of " + buffer.length() + " " + buffer.type()
                    + " elements is not in the device's memory, which holds single precision and bfloat16");
        }
        return new Ranges.Range(
                offset / Float.BYTES, (offset + buffer.segment().byteSize() + Float.BYTES - 1) / Float.BYTES);
    }

    /** Place of a block of an arena. */
    long index(MemorySegment block) {
        return (block.address() - numbers.address()) / Float.BYTES;
    }

    /** Moves single-precision numbers of the host's to the device. */
    void send(MemorySegment from, long to) {
        long count = from.byteSize() / Float.BYTES;
        for (long done = 0; done < count; ) {
            TornadoMoves.Stage stage = stage(count - done);
            long part = Math.min(count - done, stage.size());
            MemorySegment next = from.asSlice(done * Float.BYTES, part * Float.BYTES);
            stage.toDevice(this, next, Math.toIntExact(to + done));
            sent.add(stage.bytes());
            done += part;
        }
    }

    private void receive(Ranges.Range range) {
        for (long done = 0; done < range.length(); ) {
            TornadoMoves.Stage stage = stage(range.length() - done);
            long part = Math.min(range.length() - done, stage.size());
            long from = range.start() + done;
            stage.toHost(this, Math.toIntExact(from), numbers.asSlice(from * Float.BYTES, part * Float.BYTES));
            received.add(stage.bytes());
            done += part;
        }
    }

    /** The smallest stage that holds so many numbers, or the largest. */
    private TornadoMoves.Stage stage(long count) {
        return stages.stream()
                .filter(stage -> stage.size() >= count)
                .findFirst()
                .orElse(stages.getLast());
    }

    @Override
    public void beforeRead(Buffer buffer) {
        if (!isLastWritten(buffer)) {
            Ranges.Range range = range(buffer);
            deviceNewer.remove(range.start(), range.end()).forEach(this::receive);
        }
    }

    @Override
    public void beforeWrite(Buffer buffer) {
        if (!isLastWritten(buffer)) {
            beforeRead(buffer);
            lastWritten = range(buffer);
            hostNewer.add(lastWritten.start(), lastWritten.end());
        }
    }

    /** Whether a buffer is in what the host wrote last, which then needs no looking up for each of its numbers. */
    private boolean isLastWritten(Buffer buffer) {
        long offset = buffer.segment().address() - numbers.address();
        return offset >= lastWritten.start() * Float.BYTES
                && offset + buffer.segment().byteSize() <= lastWritten.end() * Float.BYTES;
    }

    @Override
    public void forget(Buffer buffer) {
        lastWritten = NOTHING;
        Ranges.Range range = range(buffer);
        hostNewer.remove(range.start(), range.end());
        deviceNewer.remove(range.start(), range.end());
    }

    @Override
    public void zero(Buffer buffer) {
        int at = write(buffer);
        int count = Math.toIntExact(range(buffer).length());
        if (count > 0) {
            TornadoMoves.zero(this, at, count);
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
            TornadoMoves.copy(this, x, y, count);
        }
    }

    /** Traffic so far. */
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
