package org.rlvr4j.tornado;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Stream;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Memory;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tornado.places.Ranges;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * Memory of a device, in banks, and which of its numbers the host holds too.
 *
 * <p>A number is newer on one side, or the same on both; it moves when the other side needs it, together with the buffer
 * that it is asked for in. What kernels make for each other never moves. The host keeps only what passed last: it gives the
 * memory of earlier numbers back, which are then newer on the device.
 */
final class DeviceMemory implements Memory, AutoCloseable {

    private static final long SMALL = 1 << 16; // numbers that are zeroed on both sides rather than moved
    private static final int[] STAGES = {1 << 10, 1 << 16, 1 << 22};
    private static final int IN_USE = 8; // large ranges that the host may be reading alternately
    private static final int INCOMPLETE = 2; // buffers that the host may be writing alternately
    private static final Ranges.Range NOTHING = new Ranges.Range(0, 0);

    private final Banks banks;
    private final MemorySegment numbers;
    private final List<TornadoMoves.Stage> stages; // in increasing order of size
    private final Program program;
    private final Ranges hostNewer = new Ranges();
    private final Ranges deviceNewer = new Ranges();
    private final ArrayDeque<Ranges.Range> held = new ArrayDeque<>(); // large ranges that passed, the oldest first
    private long heldNumbers;
    private final LinkedHashSet<Ranges.Range> written = new LinkedHashSet<>(); // by the host, the oldest first
    private long writtenNumbers;
    private Ranges.Range lastWritten = NOTHING; // by the host
    private final Transfers.Count sent = new Transfers.Count();
    private final Transfers.Count received = new Transfers.Count();
    private final Transfers.Count borrowed = new Transfers.Count();

    /**
     * @param sizes   sizes of the banks
     * @param kernels all that will ever run, but for those that move numbers
     */
    DeviceMemory(TornadoDevice device, Banks.Sizes sizes, List<Kernel> kernels) {
        banks = new Banks(sizes);
        numbers = banks.host().segment();
        var all = new ArrayList<Kernel>(kernels);
        all.addAll(TornadoMoves.KERNELS);
        int counts = 1
                + Program.count(all, banks.all())
                + STAGES.length * TornadoMoves.Stage.KERNELS * banks.all().size();
        stages = Stream.of(STAGES[0], STAGES[1], STAGES[2])
                .map(size -> new TornadoMoves.Stage(size, counts))
                .toList();
        stages.forEach(stage -> all.addAll(stage.kernels()));
        program = new Program(device, banks.all(), all);
    }

    /**
     * Runs every kernel once.
     *
     * @throws IllegalStateException if one cannot be compiled or does not run; the message names it
     */
    void tryAll() {
        for (Kernel kernel : program.usable()) {
            program.tryOut(kernel);
            program.flush();
        }
        requireRuns();
    }

    /** Requires that all kernels ran that were launched; receives one number, as the counts come with it. */
    void requireRuns() {
        long first = banks.all().getFirst().range().start();
        receive(new Ranges.Range(first, first + 1), MemorySegment.ofArray(new float[1]));
    }

    Program program() {
        return program;
    }

    Banks banks() {
        return banks;
    }

    /** Begins the launch of a kernel. */
    Launch launch(Kernel kernel) {
        return new Launch(this, kernel);
    }

    /** Numbers on the host. */
    MemorySegment numbers(Ranges.Range range) {
        return numbers.asSlice(range.start() * Float.BYTES, range.length() * Float.BYTES);
    }

    /** Indexes of a buffer that a kernel reads. */
    Ranges.Range read(Buffer buffer) {
        lastWritten = NOTHING;
        Ranges.Range range = words(buffer);
        if (written.remove(range)) {
            writtenNumbers -= range.length();
        }
        sendNewer(range);
        return range;
    }

    private void sendNewer(Ranges.Range range) {
        hostNewer.remove(range.start(), range.end()).forEach(part -> {
            send(numbers(part), part.start());
            hold(part);
        });
    }

    /** Indexes of a buffer all of which a kernel sets. */
    Ranges.Range write(Buffer buffer) {
        lastWritten = NOTHING;
        Ranges.Range range = words(buffer);
        hostNewer.remove(range.start(), range.end());
        deviceNewer.add(range.start(), range.end());
        return range;
    }

    /** Indexes of a buffer that a kernel changes. */
    Ranges.Range update(Buffer buffer) {
        read(buffer);
        return write(buffer);
    }

    /** Indexes of a buffer for a kernel, which has no halves of words. */
    private Ranges.Range words(Buffer buffer) {
        if ((buffer.segment().address() | buffer.segment().byteSize()) % Float.BYTES != 0) {
            throw new IllegalArgumentException("a kernel of the device cannot begin or end between the two bfloat16"
                    + " numbers of a word, as a buffer of " + buffer.length() + " does");
        }
        return range(buffer);
    }

    /** Indexes of numbers of single precision that have a buffer's place; two bfloat16 numbers have that of one. */
    private Ranges.Range range(Buffer buffer) {
        if (buffer.type() == DType.F64 || buffer.memory() != this) {
            throw new IllegalArgumentException("a buffer of " + buffer.length() + " " + buffer.type()
                    + " elements is not in the device's memory, which holds single precision and bfloat16");
        }
        long offset = buffer.segment().address() - numbers.address();
        return new Ranges.Range(
                offset / Float.BYTES, (offset + buffer.segment().byteSize() + Float.BYTES - 1) / Float.BYTES);
    }

    /** Indexes of a block of an arena. */
    Ranges.Range range(MemorySegment block) {
        long start = (block.address() - numbers.address()) / Float.BYTES;
        return new Ranges.Range(start, start + block.byteSize() / Float.BYTES);
    }

    /** Moves single-precision numbers of the host's to the device. */
    void send(MemorySegment from, long to) {
        program.flush();
        sendAhead(from, to);
    }

    /** Moves numbers of the host's to where no launch that is queued reads or writes. */
    void sendAhead(MemorySegment from, long to) {
        long count = from.byteSize() / Float.BYTES;
        for (long done = 0; done < count; ) {
            TornadoMoves.Stage stage = stage(count - done);
            long part = Math.min(count - done, stage.size());
            MemorySegment next = from.asSlice(done * Float.BYTES, part * Float.BYTES);
            stage.toDevice(this, next, new Ranges.Range(to + done, to + done + part));
            sent.add(stage.bytes());
            done += part;
        }
    }

    /** Moves numbers of the device's to the host. */
    void receive(Ranges.Range range, MemorySegment to) {
        for (long done = 0; done < range.length(); ) {
            TornadoMoves.Stage stage = stage(range.length() - done);
            long part = Math.min(range.length() - done, stage.size());
            long from = range.start() + done;
            stage.toHost(this, new Ranges.Range(from, from + part), to.asSlice(done * Float.BYTES, part * Float.BYTES));
            received.add(stage.bytes());
            done += part;
        }
    }

    private void receive(Ranges.Range range) {
        receive(range, numbers(range));
        hold(range);
    }

    /** The smallest stage that holds so many numbers, or the largest. */
    private TornadoMoves.Stage stage(long count) {
        return stages.stream()
                .filter(stage -> stage.size() >= count)
                .findFirst()
                .orElse(stages.getLast());
    }

    /** Notes that the host holds numbers that the device holds too, and gives the memory of the oldest ones back. */
    private void hold(Ranges.Range range) {
        if (range.length() < banks.sizes().large()) {
            return;
        }
        held.removeIf(earlier -> earlier.overlaps(range)); // it is the latest one again
        held.add(range);
        heldNumbers = Ranges.length(held);
        while (heldNumbers > banks.sizes().held() && held.size() > IN_USE) {
            Ranges.Range oldest = held.remove();
            heldNumbers -= oldest.length();
            if (!hostNewer.intersects(oldest.start(), oldest.end())) {
                deviceNewer.add(oldest.start(), oldest.end());
                banks.host().release(oldest.start() * Float.BYTES, oldest.length() * Float.BYTES);
            }
        }
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
            if (!written.remove(lastWritten)) {
                writtenNumbers += lastWritten.length();
            }
            written.addLast(lastWritten);
            sendWritten();
        }
    }

    /** Sends what the host has written if it is much, as when a model is loaded; the latest are perhaps not complete. */
    private void sendWritten() {
        while (writtenNumbers > banks.sizes().held() && written.size() > INCOMPLETE) {
            Ranges.Range range = written.removeFirst();
            writtenNumbers -= range.length();
            sendNewer(range);
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
        forget(range(buffer));
    }

    private void forget(Ranges.Range range) {
        lastWritten = NOTHING;
        hostNewer.remove(range.start(), range.end());
        deviceNewer.remove(range.start(), range.end());
        if (held.removeIf(earlier -> earlier.overlaps(range))) {
            heldNumbers = Ranges.length(held);
        }
        if (written.removeIf(earlier -> earlier.overlaps(range))) {
            writtenNumbers = Ranges.length(written);
        }
    }

    @Override
    public void zero(Buffer buffer) {
        Ranges.Range range = range(buffer);
        if (range.length() == 0) {
            return;
        }
        TornadoMoves.zero(this, write(buffer));
        if (banks.host().zeroCheaply(range.start() * Float.BYTES, range.length() * Float.BYTES)) {
            deviceNewer.remove(range.start(), range.end());
        } else if (range.length() <= SMALL) {
            buffer.segment().fill((byte) 0);
            deviceNewer.remove(range.start(), range.end());
        }
    }

    @Override
    public void copy(Buffer from, Buffer to) {
        if (from.length() > 0) {
            TornadoMoves.copy(this, read(from), write(to));
        }
    }

    /** Copies an operand of a kernel to another bank, or back. */
    void moveBorrowed(Ranges.Range from, Ranges.Range to) {
        borrowed.add(from.length() * Float.BYTES);
        TornadoMoves.copy(this, from, to);
    }

    /** Traffic so far; what is queued runs first. */
    Transfers transfers() {
        program.flush();
        return new Transfers(
                sent.times(),
                sent.bytes(),
                received.times(),
                received.bytes(),
                program.launches(),
                program.executes(),
                program.controlBytes(),
                borrowed.times(),
                borrowed.bytes());
    }

    @Override
    public long largestBlock(Role role) {
        return banks.sizes().largestBlock(role);
    }

    @Override
    public Arena open(Role role) {
        return new Blocks(role);
    }

    /** Blocks for tensors of a role, for the life of an arena. */
    private final class Blocks implements Arena {

        private final Role role;
        private final List<Ranges.Range> taken = new ArrayList<>();

        Blocks(Role role) {
            this.role = role;
        }

        @Override
        public MemorySegment allocate(long bytes, long alignment) {
            Ranges.Range block = banks.take(role, (bytes + Float.BYTES - 1) / Float.BYTES);
            taken.add(block);
            return numbers.asSlice(block.start() * Float.BYTES, bytes);
        }

        @Override
        public MemorySegment.Scope scope() {
            return numbers.scope();
        }

        @Override
        public void close() {
            if (role == Role.TABLES) {
                program.flush(); // lists that wait are sent to where they belong
            }
            for (Ranges.Range block : taken) {
                forget(block);
                banks.host().release(block.start() * Float.BYTES, block.length() * Float.BYTES);
                banks.giveBack(block);
            }
            taken.clear();
        }
    }

    @Override
    public void close() {
        program.close();
        banks.close();
    }
}
