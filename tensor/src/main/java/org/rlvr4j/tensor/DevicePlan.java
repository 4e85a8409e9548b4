package org.rlvr4j.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Memory plan of a device: peak bytes of the tensors of each role, and the arrays that hold them.
 *
 * <p>A device may limit the size of an array. A tensor lies in one array, so the ends of several arrays stay empty.
 *
 * @param bytes peak bytes by role; a role that is missing takes none
 */
public record DevicePlan(Map<Role, Long> bytes) {

    /** Largest array whose elements in single precision have an int as index, in bytes. */
    public static final long LARGEST_ARRAY = (Integer.MAX_VALUE - 1023L) * Float.BYTES;

    /** Tensors beside each other are not larger than this share of an array if there are several arrays. */
    private static final int SHARE = 8;

    public DevicePlan {
        var copy = new EnumMap<Role, Long>(Role.class);
        for (Role role : Role.values()) {
            copy.put(role, bytes.getOrDefault(role, 0L));
        }
        bytes = Collections.unmodifiableMap(copy);
    }

    /** A plan for a device that needs none: no bytes of any role. */
    public static DevicePlan none() {
        return new DevicePlan(Map.of());
    }

    /**
     * A plan with so many bytes of each role, for tests and benchmarks.
     *
     * @param bytes bytes of each role
     */
    public static DevicePlan ofEach(long bytes) {
        var all = new EnumMap<Role, Long>(Role.class);
        for (Role role : Role.values()) {
            all.put(role, bytes);
        }
        return new DevicePlan(all);
    }

    /**
     * This plan with more room for a role.
     *
     * @param role role of the tensors
     * @param more bytes besides
     */
    public DevicePlan withMore(Role role, long more) {
        var all = new EnumMap<>(bytes);
        all.merge(role, more, Long::sum);
        return new DevicePlan(all);
    }

    /**
     * Peak bytes of a role.
     *
     * @param role role of the tensors
     */
    public long of(Role role) {
        return bytes.getOrDefault(role, 0L);
    }

    /**
     * Sizes in bytes of the arrays for a role. Several arrays are a third larger than what they hold.
     *
     * @param role    role of the tensors
     * @param largest size of the largest array that the device gives, in bytes
     */
    public List<Long> arrays(Role role, long largest) {
        long left = of(role);
        if (left > largest) {
            left += left / 3;
        }
        var sizes = new ArrayList<Long>();
        for (; left > 0; left -= largest) {
            sizes.add(Math.min(left, largest));
        }
        return sizes;
    }

    /**
     * Size in bytes of the largest block of a role that is certain to be found in one piece, if there is room at all.
     *
     * @param role    role of the tensors
     * @param largest size of the largest array that the device gives, in bytes
     */
    public long largestBlock(Role role, long largest) {
        return of(role) <= largest ? of(role) : largest / SHARE;
    }

    /** Bytes of the arrays of all roles, if the device gives arrays of {@link #LARGEST_ARRAY}. */
    public long total() {
        return total(LARGEST_ARRAY);
    }

    /**
     * Bytes of the arrays of all roles.
     *
     * @param largest size of the largest array that the device gives, in bytes
     */
    public long total(long largest) {
        long sum = 0;
        for (Role role : Role.values()) {
            sum += arrays(role, largest).stream().mapToLong(size -> size).sum();
        }
        return sum;
    }
}
