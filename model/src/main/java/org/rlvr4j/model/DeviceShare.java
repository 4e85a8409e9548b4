package org.rlvr4j.model;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import org.rlvr4j.model.MemoryPlan.GeneratorCall;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.Role;

/**
 * Share of a {@link MemoryPlan} that is needed only if a device computes.
 *
 * @param scratch bytes on the device of the kernels' scratch, and of keys and values for which a host frees moments
 * @param tables  bytes on the device of lists of tokens, and of the angles of positions
 * @param staged  bytes on the host of numbers on their way to the device and from it
 */
public record DeviceShare(long scratch, long tables, long staged) {

    private static final long HELD = 400_000_000; // staging arrays, and what passed last
    private static final long LOGITS = 80 << 20; // that kernels compute at a time, at most
    private static final long SCRATCH = 200_000_000; // besides
    private static final long LISTS = 20_000_000;
    private static final long BLOCKS = 80_000_000; // lost in the blocks of the arenas of a role, at most

    /** Share of work that no device does. */
    static DeviceShare none() {
        return new DeviceShare(0, 0, 0);
    }

    /** Share of a training whose frozen matrices, if there are any, are stored as a type. */
    static DeviceShare of(ModelConfig config, DType matrixType, MemoryPlan.Load load) {
        var calls = new ArrayList<>(load.rollouts());
        calls.addAll(load.evaluations());
        return of(config, matrixType, calls, load.longestPass());
    }

    /** Share of generation by a model whose matrices are stored as a type. */
    static DeviceShare of(ModelConfig config, DType matrixType, GeneratorCall call) {
        return of(config, matrixType, List.of(call), 0);
    }

    private static DeviceShare of(ModelConfig config, DType matrixType, List<GeneratorCall> calls, long tokens) {
        long rows = tokens;
        long positions = tokens;
        for (GeneratorCall call : calls) {
            rows = Math.max(rows, call.sequences());
            positions = Math.max(positions, (long) call.promptTokens() + call.newTokens());
        }
        long largest = config.weights().stream()
                .mapToLong(spec -> bytes(spec.size(DType.F32, matrixType)))
                .max()
                .orElseThrow();
        long angles = Math.min(positions, config.maxPositions()) * config.headSize();
        return new DeviceShare(
                SCRATCH + bytes(Math.min(rows * config.vocabularySize(), LOGITS)),
                LISTS + 4 * bytes(angles), // tables grow to the double, and the smaller ones stay
                HELD + 2 * largest);
    }

    /**
     * This share with more room for keys and values, which on a host are where moments are at other times.
     *
     * @param bytes bytes of keys and values that the plan of a host does not count
     */
    DeviceShare withKeysAndValues(long bytes) {
        return new DeviceShare(scratch + bytes, tables, staged);
    }

    /** Plan of a device's memory for work whose other share is given. */
    DevicePlan plan(MemoryPlan work) {
        var bytes = new EnumMap<Role, Long>(Role.class);
        bytes.put(Role.WEIGHTS, inBlocks(work.weights()));
        bytes.put(Role.GRADIENTS, inBlocks(work.gradients()));
        bytes.put(Role.MEANS, inBlocks(work.moments() / 2));
        bytes.put(Role.SQUARES, inBlocks(work.moments() / 2));
        bytes.put(Role.ACTIVATIONS, inBlocks(work.activations() + work.keysAndValues() + scratch));
        bytes.put(Role.TABLES, tables);
        return new DevicePlan(bytes);
    }

    private static long inBlocks(long bytes) {
        return bytes == 0 ? 0 : bytes + BLOCKS;
    }

    private static long bytes(long numbers) {
        return numbers * Float.BYTES;
    }
}
