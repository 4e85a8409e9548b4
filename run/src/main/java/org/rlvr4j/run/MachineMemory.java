package org.rlvr4j.run;

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
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.SupervisedConfig;

/**
 * Memory of the machine, or of its container, with the check whether a run fits in it.
 *
 * @param bytes total memory in bytes; weights and activations lie outside the Java heap, whose limit does not matter
 */
public record MachineMemory(long bytes) {

    private static final Path STATUS = Path.of("/proc/self/status"); // of this process, on Linux
    private static final String PEAK = "VmHWM:";

    /** Refusal of work that needs more memory than the machine has. */
    public static final class DoesNotFitException extends IllegalArgumentException {

        private static final long serialVersionUID = 1;

        DoesNotFitException(String message) {
            super(message);
        }
    }

    /** The memory of this machine. */
    public static MachineMemory ofMachine() {
        return new MachineMemory(
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize());
    }

    /** Peak resident memory of this process so far, in bytes; empty where the operating system does not report it. */
    public static OptionalLong peak() {
        if (!Files.isReadable(STATUS)) {
            return OptionalLong.empty();
        }
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(PEAK))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", ""))) // in kB
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty(); // the peak is only for information
        }
    }

    /**
     * Whether the plan's total is at most the memory.
     *
     * @param plan memory that the work needs
     */
    public boolean fits(MemoryPlan plan) {
        return plan.total() <= bytes;
    }

    /**
     * Checks that a training fits in the memory.
     *
     * @param plan   memory that the training needs
     * @param config configuration of the training, from which the message suggests changes
     * @throws DoesNotFitException if the training needs more memory; the message suggests settings to change
     */
    public void require(MemoryPlan plan, RunConfig config) {
        require("training", plan, remedies(config));
    }

    /**
     * Checks that supervised learning fits in the memory.
     *
     * @param plan   memory that it needs
     * @param config configuration, from which the message suggests changes
     * @throws DoesNotFitException if it needs more memory; the message suggests settings to change
     */
    public void require(MemoryPlan plan, SupervisedConfig config) {
        var remedies = new ArrayList<String>();
        if (!config.recompute()) {
            remedies.add("set recompute to true");
        }
        if (config.model() instanceof RunConfig.Start.Checkpoint start && start.lora() == null) {
            remedies.add("train adapters alone by model.lora");
        }
        remedies.add("lower training.microBatchTokens or training.maxTokens");
        require("training", plan, remedies);
    }

    /**
     * Checks that generation fits in the memory.
     *
     * @param plan memory that generation needs
     * @throws DoesNotFitException if generation needs more memory; the message suggests options to change
     */
    public void requireGeneration(MemoryPlan plan) {
        require("generation", plan, List.of("lower --max-sequences or --max-new-tokens"));
    }

    private void require(String work, MemoryPlan plan, List<String> remedies) {
        if (!fits(plan)) {
            throw new DoesNotFitException(work + " needs " + plan + ", but there are only " + this + "; "
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

    /**
     * Formats bytes as gigabytes of 10^9 bytes, such as {@code 24.0 GB}.
     *
     * @param bytes number of bytes
     */
    public static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }

    /** The memory in gigabytes, such as {@code 24.0 GB}. */
    @Override
    public String toString() {
        return gigabytes(bytes);
    }
}
