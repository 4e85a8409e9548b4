package org.rlvr4j.tornado;

import org.rlvr4j.tensor.Role;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Array of a device's memory, for tensors of one role.
 *
 * <p>All numbers of the device have an index, under which the host knows them; a bank is a range of them. Kernels count
 * from the bank's first number.
 */
final class Bank {

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
    Bank(Role role, int number, FloatArray array, Ranges.Range range, int first) {
        this.role = role;
        this.number = number;
        this.array = array;
        this.range = range;
        free.add(range.start() + first, range.end());
    }

    Role role() {
        return role;
    }

    int number() {
        return number;
    }

    FloatArray array() {
        return array;
    }

    /** Indexes of its numbers. */
    Ranges.Range range() {
        return range;
    }

    /** Indexes that no block has taken. */
    Ranges free() {
        return free;
    }

    /** Place of a number in the array, by which a kernel finds it. */
    int place(long index) {
        return Math.toIntExact(index - range.start());
    }

    @Override
    public String toString() {
        return role + " " + number;
    }
}
