package org.rlvr4j.tornado;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rlvr4j.tornado.places.Ranges;

/**
 * Short lists of the host's in the tables' bank of the device, as numbers of single precision: token ids, positions and so on.
 *
 * <p>Every layer asks for the same lists again: one that is there already is not sent again. Those that are not are sent
 * together, before the launches that are queued and read them.
 */
final class Lists {

    private static final int CAPACITY = 1 << 22;
    private static final int LARGEST = 1 << 24; // up to here, single precision holds every integer

    private final DeviceMemory memory;
    private final Ranges.Range block;
    private final Map<Key, Integer> known = new HashMap<>();
    private final List<Key> waiting = new ArrayList<>(); // to be sent, in the order of their places
    private int sent; // numbers
    private int used; // numbers, with those that wait

    /** A list by its contents. */
    @SuppressWarnings("ArrayRecordComponent") // compared by contents, below
    private record Key(float[] numbers) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Key that && Arrays.equals(numbers, that.numbers);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(numbers);
        }
    }

    /** @param tables source of the lists' part of the memory */
    Lists(DeviceMemory memory, Arena tables) {
        this.memory = memory;
        this.block = memory.range(tables.allocate((long) CAPACITY * Float.BYTES, Long.BYTES));
        memory.program().beforeQueue(this::send);
    }

    /** Before a kernel's lists: forgets what was sent if it takes more than half of the room. */
    void begin() {
        if (used > CAPACITY / 2) {
            forget();
        }
    }

    void forget() {
        memory.program().flush(); // what is queued reads them where they are
        waiting.clear();
        sent = 0;
        used = 0;
        known.clear();
    }

    int of(int[] values) {
        var numbers = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            if (Math.abs(values[i]) > LARGEST) {
                throw new IllegalArgumentException("a list for the device holds " + values[i] + ", beyond " + LARGEST);
            }
            numbers[i] = (float) values[i];
        }
        return of(numbers);
    }

    int of(double[] values) {
        var numbers = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            numbers[i] = (float) values[i];
        }
        return of(numbers);
    }

    private int of(float[] numbers) {
        var key = new Key(numbers);
        Integer at = known.get(key);
        if (at == null) {
            at = add(key);
            known.put(key, at);
        }
        return at;
    }

    private int add(Key key) {
        if (used + key.numbers.length > CAPACITY) {
            throw new IllegalArgumentException(
                    "a kernel's lists hold more than " + CAPACITY / 2 + " numbers; make micro-batches smaller");
        }
        long at = block.start() + used;
        waiting.add(key);
        used += key.numbers.length;
        return memory.banks().at(at).place(at);
    }

    /** Sends the lists that wait. */
    private void send() {
        var numbers = new float[used - sent];
        int end = 0;
        for (Key key : waiting) {
            System.arraycopy(key.numbers, 0, numbers, end, key.numbers.length);
            end += key.numbers.length;
        }
        memory.sendAhead(MemorySegment.ofArray(numbers), block.start() + sent);
        waiting.clear();
        sent = used;
    }
}
