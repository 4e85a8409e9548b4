package org.rlvr4j.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.rlvr4j.model.MemoryPlan;

/**
 * The machine's memory, or its container's, and whether a run fits in it.
 *
 * @param bytes of it; weights and activations lie outside the Java heap, whose limit does not matter
 */
record Memory(long bytes) {

    private static final Path STATUS = Path.of("/proc/self/status"); // of this process, on Linux
    private static final String PEAK = "VmHWM:";

    static Memory ofMachine() {
        return new Memory(
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize());
    }

    /** Most bytes that this process has had resident so far, where the system says so. */
    static OptionalLong peak() {
        if (!Files.isReadable(STATUS)) {
            return OptionalLong.empty();
        }
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(PEAK))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", ""))) // in kB
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty(); // it is only told of
        }
    }

    boolean fits(MemoryPlan plan) {
        return plan.total() <= bytes;
    }

    /** @throws IllegalArgumentException if a run needs more than there is, naming what could be changed */
    void require(MemoryPlan plan, RunConfig config) {
        require("training", plan, remedies(config));
    }

    /** @throws IllegalArgumentException if generating needs more than there is, naming what could be changed */
    void requireGeneration(MemoryPlan plan) {
        require("generation", plan, List.of("lower --max-sequences or --max-new-tokens"));
    }

    private void require(String work, MemoryPlan plan, List<String> remedies) {
        if (!fits(plan)) {
            throw new IllegalArgumentException(work + " needs " + plan + ", but there are only " + this + "; "
                    + String.join(", ", remedies) + ", or take a smaller model");
        }
    }

    private static List<String> remedies(RunConfig config) {
        var remedies = new ArrayList<String>();
        if (!config.training().recompute()) {
            remedies.add("set training.recompute to true");
        }
        if (config.model() instanceof RunConfig.Start.Checkpoint start && start.lora() == null) {
            remedies.add("train adapters alone by model.lora");
        }
        remedies.add("lower training.microBatchTokens");
        remedies.add("lower training.maxSequences and evaluation.maxSequences");
        return remedies;
    }

    static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }

    /** Such as {@code 24.0 GB}. */
    @Override
    public String toString() {
        return gigabytes(bytes);
    }
}
