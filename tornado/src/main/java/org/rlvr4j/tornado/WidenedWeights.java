package org.rlvr4j.tornado;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Role;

/**
 * Weights stored as bfloat16, which the device holds in single precision instead: TornadoVM's kernels cannot take a
 * bfloat16 number apart.
 *
 * <p>The host's numbers are widened when they are sent, in the order of panels in single precision, and narrowed again,
 * which loses nothing, if the host needs them after it gave their memory back.
 */
final class WidenedWeights {

    private static final int PART = 1 << 20; // numbers that are converted at a time, whole panels
    private static final int HALF = Panels.WIDTH / 2;

    private final DeviceMemory memory;
    private final TreeMap<Long, Copy> copies = new TreeMap<>(); // by where the weight begins

    /**
     * Copy of a weight.
     *
     * @param weight indexes of the bfloat16 numbers on the host, two of which have the place of one
     * @param length number of them
     * @param wide   indexes of those in single precision
     */
    private record Copy(Ranges.Range weight, long length, Ranges.Range wide) {}

    WidenedWeights(DeviceMemory memory) {
        this.memory = memory;
    }

    /** Place of a weight in single precision, for which there is room from now on. */
    Ranges.Range place(Buffer weight, Ranges.Range range) {
        Copy known = copies.get(range.start());
        if (known != null && known.weight.equals(range)) {
            return known.wide;
        }
        for (Copy other = overlapping(range); other != null; other = overlapping(range)) {
            memory.receiveNarrowed(other.weight);
            remove(other);
        }
        Ranges.Range block = memory.banks().take(Role.WEIGHTS, weight.length());
        copies.put(range.start(), new Copy(range, weight.length(), block));
        memory.markHostNewer(range);
        return block;
    }

    /** Sends a weight that has a place. */
    void send(Ranges.Range range) {
        Copy copy = Objects.requireNonNull(copies.get(range.start()));
        MemorySegment bits = memory.numbers(copy.weight);
        var part = new float[PART];
        for (long done = 0; done < copy.length; done += PART) {
            int count = (int) Math.min(PART, copy.length - done);
            for (int i = 0; i < count; i++) {
                short value = bits.getAtIndex(ValueLayout.JAVA_SHORT, done + i);
                part[inPanel(i)] = Float.intBitsToFloat(value << 16);
            }
            MemorySegment values = MemorySegment.ofArray(part).asSlice(0, (long) count * Float.BYTES);
            memory.send(values, copy.wide.start() + done);
        }
    }

    /** Receives the weight that numbers belong to, as bfloat16; false if they belong to none. */
    boolean receive(Ranges.Range numbers) {
        Copy copy = overlapping(numbers);
        if (copy == null) {
            return false;
        }
        MemorySegment bits = memory.numbers(copy.weight);
        var part = new float[PART];
        for (long done = 0; done < copy.length; done += PART) {
            int count = (int) Math.min(PART, copy.length - done);
            long start = copy.wide.start() + done;
            memory.receive(
                    new Ranges.Range(start, start + count),
                    MemorySegment.ofArray(part).asSlice(0, (long) count * Float.BYTES));
            for (int i = 0; i < count; i++) {
                bits.setAtIndex(ValueLayout.JAVA_SHORT, done + i, Buffer.toBfloat16(part[inPanel(i)]));
            }
        }
        return true;
    }

    /** Index in single precision of a bfloat16 number: features j and j + 16 of a panel are beside each other in it. */
    private static int inPanel(int i) {
        int feature = i % Panels.WIDTH;
        return i - feature + feature / 2 + feature % 2 * HALF;
    }

    /** Indexes of the weight that numbers belong to; null if they belong to none. */
    Ranges.@Nullable Range weightOf(Ranges.Range numbers) {
        Copy copy = overlapping(numbers);
        return copy == null ? null : copy.weight;
    }

    private @Nullable Copy overlapping(Ranges.Range range) {
        Map.Entry<Long, Copy> entry = copies.lowerEntry(range.end());
        return entry != null && entry.getValue().weight.end() > range.start() ? entry.getValue() : null;
    }

    /** Forgets the weights in a block that is given back or overwritten. */
    void forget(Ranges.Range block) {
        for (Copy copy = overlapping(block); copy != null; copy = overlapping(block)) {
            remove(copy);
        }
    }

    private void remove(Copy copy) {
        copies.remove(copy.weight.start());
        memory.banks().giveBack(copy.wide);
    }
}
