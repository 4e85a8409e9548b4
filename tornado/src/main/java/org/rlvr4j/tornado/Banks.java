package org.rlvr4j.tornado;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tornado.places.Bank;
import org.rlvr4j.tornado.places.HostRange;
import org.rlvr4j.tornado.places.Ranges;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** All banks of a device, and the blocks that are taken from them. */
final class Banks implements AutoCloseable {

    /** Blocks begin on lines of the device's memory, of so many bytes. */
    static final int LINE = 128;

    private static final int LINE_NUMBERS = LINE / Float.BYTES;
    private static final long HEADER = TornadoNativeArray.ARRAY_HEADER;
    private static final int FIRST = (int) ((LINE - HEADER) / Float.BYTES); // of an array, on a line

    private final HostRange host;
    private final List<Bank> all = new ArrayList<>();
    private final Map<Role, Integer> lastUsed = new EnumMap<>(Role.class); // index in the role's banks
    private final Sizes sizes;

    /**
     * Sizes of banks.
     *
     * @param plan    bytes of each role
     * @param largest size of the largest bank, in bytes
     * @param spreads whether blocks are small, neighbours in different banks, and little is held on the host; for tests
     */
    record Sizes(DevicePlan plan, long largest, boolean spreads) {

        /** Numbers from which a range is large: its memory on the host is given back. */
        long large() {
            return spreads ? 1 << 10 : 1 << 18;
        }

        /** Numbers in large ranges that the host holds, and that it writes before they are sent. */
        long held() {
            return spreads ? 1 << 14 : 1 << 25;
        }

        /** Size in bytes of the largest block of a role that can be relied on. */
        long largestBlock(Role role) {
            return spreads ? LINE : plan.largestBlock(role, largest);
        }

        /** Sizes in bytes of a role's banks. Some lists have one bank, since they are not copied to another. */
        private List<Long> of(Role role) {
            return role == Role.TABLES ? List.of(Math.max(plan.of(role), LINE)) : plan.arrays(role, largest);
        }
    }

    Banks(Sizes sizes) {
        this.sizes = sizes;
        long bytes = 0;
        for (Role role : Role.values()) {
            for (long size : sizes.of(role)) {
                bytes += pages(size);
            }
        }
        host = new HostRange(bytes);
        long offset = 0;
        for (Role role : Role.values()) {
            for (long size : sizes.of(role)) {
                all.add(bank(role, offset, size));
                offset += pages(size);
            }
        }
    }

    /** Bytes of a bank's pages on the host, with room before the first block and at the end. */
    private static long pages(long bytes) {
        return (Math.max(bytes, (long) Program.TRIED * Float.BYTES) + 2 * LINE + HostRange.PAGES - 1)
                / HostRange.PAGES
                * HostRange.PAGES;
    }

    private Bank bank(Role role, long offset, long bytes) {
        long numbers = Math.min((pages(bytes) - HEADER) / Float.BYTES, (sizes.largest - HEADER) / Float.BYTES);
        MemorySegment whole = host.segment().asSlice(offset, HEADER + numbers * Float.BYTES);
        long start = (offset + HEADER) / Float.BYTES;
        var range = new Ranges.Range(start, start + numbers);
        return new Bank(role, all.size(), FloatArray.fromSegmentShallow(whole), range, FIRST);
    }

    /** Numbers on the host; the number of index i is at byte 4 i. */
    HostRange host() {
        return host;
    }

    Sizes sizes() {
        return sizes;
    }

    List<Bank> all() {
        return all;
    }

    List<Bank> of(Collection<Role> roles) {
        return all.stream().filter(bank -> roles.contains(bank.role())).toList();
    }

    /** Bank that a number lies in. */
    Bank at(long index) {
        for (Bank bank : all) {
            if (index < bank.range().end()) {
                return bank;
            }
        }
        throw new IndexOutOfBoundsException("no bank has number " + index);
    }

    /**
     * Takes a block for tensors of a role, from the bank that was used last or the next one with room.
     *
     * @throws IllegalStateException if no bank has room; the message says what is missing
     */
    Ranges.Range take(Role role, long length) {
        List<Bank> banks = of(List.of(role));
        int last = lastUsed.getOrDefault(role, 0);
        for (int i = 0; i < banks.size(); i++) {
            int next = (last + i + (sizes.spreads ? 1 : 0)) % banks.size();
            Ranges.Range block = takeIn(banks.get(next), length);
            if (block != null) {
                lastUsed.put(role, next);
                return block;
            }
        }
        throw full(role, length, banks);
    }

    /** Takes a block of a bank; null if it has no room. */
    Ranges.@Nullable Range takeIn(Bank bank, long length) {
        long lines = (length + LINE_NUMBERS - 1) / LINE_NUMBERS * LINE_NUMBERS;
        long start = length == 0 ? bank.range().start() : bank.free().take(lines);
        return start < 0 ? null : new Ranges.Range(start, start + lines);
    }

    /** Gives a block back. */
    void giveBack(Ranges.Range block) {
        if (block.length() > 0) {
            at(block.start()).free().add(block.start(), block.end());
        }
    }

    IllegalStateException full(Role role, long length, List<Bank> banks) {
        long left = banks.stream().mapToLong(bank -> bank.free().size()).sum();
        long whole = banks.stream().mapToLong(bank -> bank.range().length()).sum();
        long piece =
                banks.stream().mapToLong(bank -> bank.free().longest()).max().orElse(0);
        return new IllegalStateException(
                "the device's memory for " + role.name().toLowerCase(Locale.ROOT)
                        + " is full: " + megabytes(length) + " MB more are needed, and " + megabytes(left) + " MB of "
                        + megabytes(whole) + " MB are left, " + megabytes(piece) + " MB of them in one piece; "
                        + remedy(role));
    }

    private static String remedy(Role role) {
        return switch (role) {
            case WEIGHTS, GRADIENTS, MEANS, SQUARES -> "train adapters alone by model.lora, or take a smaller model";
            case ACTIVATIONS, TABLES -> "make micro-batches smaller, or generate fewer sequences together";
        };
    }

    private static long megabytes(long numbers) {
        return numbers * Float.BYTES / 1_000_000;
    }

    @Override
    public void close() {
        host.close();
    }
}
