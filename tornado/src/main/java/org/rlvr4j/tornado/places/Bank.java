package org.rlvr4j.tornado.places;

import org.rlvr4j.tensor.Role;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Array of a device's memory, for tensors of one role.
 *
 * <p>All numbers of the device have an index, under which the host knows them; a bank is a range of them. Kernels count
 * from the bank's first number.
 */
public final class Bank {

    private final Role role;
    private final int number;
    private final FloatArray array;
    private final Ranges.Range range;
    private final Ranges free = new Ranges();

    /**
     * @param role   role of its tensors
     * @param number which bank of the device it is, from 0
     * @param array  array of TornadoVM's
     * @param range  indexes of its numbers
     * @param first  number of the array that the first block begins at
     */
    public Bank(Role role, int number, FloatArray array, Ranges.Range range, int first) {
        this.role = role;
        this.number = number;
        this.array = array;
        this.range = range;
        free.add(range.start() + first, range.end());
    }

    /** Role of its tensors. */
    public Role role() {
        return role;
    }

    /** Which bank of the device it is, from 0. */
    public int number() {
        return number;
    }

    /** Array of TornadoVM's. */
    public FloatArray array() {
        return array;
    }

    /** Indexes of its numbers. */
    public Ranges.Range range() {
        return range;
    }

    /** Indexes that no block has taken. */
    public Ranges free() {
        return free;
    }

    /** Place of a number in the array, by which a kernel finds it. */
    public int place(long index) {
        return Math.toIntExact(index - range.start());
    }

    @Override
    public String toString() {
        return role + " " + number;
    }
}
