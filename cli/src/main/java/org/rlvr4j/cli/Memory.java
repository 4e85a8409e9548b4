package org.rlvr4j.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Locale;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.model.Checkpoint;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.QwenConfig;

/**
 * The machine's memory, or its container's, and whether a run fits in it.
 *
 * @param bytes of it; weights and activations lie outside the Java heap, whose limit does not matter
 */
record Memory(long bytes) {

    static Memory ofMachine() {
        return new Memory(
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize());
    }

    /**
     * Says what a run needs.
     *
     * @throws IllegalArgumentException if there is not as much, naming what could be changed
     */
    void require(RunConfig config, Wiring.Sets sets, Screen screen) {
        MemoryPlan plan = plan(config, sets);
        String all = String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
        if (plan.total() > bytes) {
            throw new IllegalArgumentException("training needs " + plan + ", but there are only " + all + "; "
                    + String.join(", ", remedies(config)) + ", or take a smaller model");
        }
        screen.out().println("needs " + plan + "; the machine has " + all);
    }

    private static Iterable<String> remedies(RunConfig config) {
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

    /** Of the longest prompts and completions that there may be. */
    static MemoryPlan plan(RunConfig config, Wiring.Sets sets) {
        RunConfig.Training training = config.training();
        RunConfig.Measuring evaluation = config.evaluation();
        int longest = training.maxPromptTokens() + training.maxNewTokens();
        long miniBatch = (long) longest * training.promptsPerStep() * training.groupSize() / training.updatesPerStep();
        long trained = Math.min(Math.max(training.microBatchTokens(), longest), miniBatch);
        long shown =
                config.warmUp() == null ? 0 : (long) longest * config.warmUp().batchSize();
        int sequences = Math.max(training.maxSequences(), evaluation.maxSequences());
        int measured = sets.heldBack().stream()
                .mapToInt(suite -> suite.problems().size())
                .max()
                .orElse(0);
        var load = new MemoryPlan.Load(
                Math.toIntExact(Math.max(trained, shown)),
                Math.max(miniBatch, shown),
                training.recompute(),
                sequences,
                Math.max(training.promptsPerStep(), measured),
                training.maxPromptTokens(),
                Math.max(training.maxNewTokens(), evaluation.maxNewTokens()),
                config.methods().stream()
                        .anyMatch(choice -> choice.method().loss().kl().coefficient() > 0));
        QwenConfig shape = Wiring.config(config.model());
        return config.model() instanceof RunConfig.Start.Checkpoint start && start.lora() != null
                ? MemoryPlan.of(shape, load, start.lora(), Checkpoint.matrices(start.path()))
                : MemoryPlan.of(shape, load);
    }
}
