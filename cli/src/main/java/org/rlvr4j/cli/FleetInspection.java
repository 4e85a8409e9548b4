package org.rlvr4j.cli;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.rlvr4j.cli.screen.Screen;
import org.rlvr4j.cli.screen.TerminalListener;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.workers.WorkersPlan;

/**
 * Inspection of the memory of a training on several machines, with the options that give it to them.
 *
 * @param plan the plan
 */
record FleetInspection(WorkersPlan plan) {

    /**
     * Inspection of a configuration.
     *
     * @param workers  number of workers
     * @param messages stream for messages about the problems
     * @throws IllegalArgumentException if training cannot begin, with the message of the training itself
     */
    static FleetInspection of(RunConfig config, int workers, PrintStream messages) {
        return new FleetInspection(
                Training.of(config).plan(workers, new TerminalListener(Screen.of(messages), messages)));
    }

    /** A table of the driver and one of a worker, and the options of spark-submit. */
    String toText() {
        String options = plan.options().stream()
                .map(option -> "  " + option + " \\\n")
                .collect(Collectors.joining("", "options of spark-submit:\n", ""));
        return String.join(
                "\n",
                Inspection.table(
                        "memory of the driver",
                        parts(plan.driver(), plan.driverHeap()),
                        total(plan.driver(), plan.driverHeap())),
                Inspection.table(
                        "memory of each of " + plan.workers() + " workers",
                        parts(plan.worker(), plan.workerHeap()),
                        total(plan.worker(), plan.workerHeap())),
                options);
    }

    private static Map<String, Long> parts(MemoryPlan plan, long heap) {
        var parts = new LinkedHashMap<>(plan.parts());
        parts.put("heap", heap);
        return parts;
    }

    private static long total(MemoryPlan plan, long heap) {
        return plan.total() + heap;
    }

    /** The parts in bytes, and the options. */
    Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("workers", plan.workers());
        map.put("driver", parts(plan.driver(), plan.driverHeap()));
        map.put("worker", parts(plan.worker(), plan.workerHeap()));
        map.put("options", plan.options());
        return map;
    }
}
