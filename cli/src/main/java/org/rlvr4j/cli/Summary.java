package org.rlvr4j.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.run.MachineMemory;
import org.rlvr4j.run.Results;
import org.rlvr4j.run.RunResult;
import org.rlvr4j.run.report.Table;

/**
 * Summary of a training.
 *
 * @param results results of all methods and seeds
 * @param plan    memory that was planned; empty if it was not
 */
record Summary(Results results, Optional<MemoryPlan> plan) {

    /** The tables, the path of the report and the peak memory. */
    String toText() {
        String tables = results.tables().stream().map(Table::toText).collect(Collectors.joining("\n"));
        String report = "\nReport: " + results.reportFile() + "\n";
        return tables + report + memory(plan);
    }

    /** The peak memory beside what was planned, in one line; nothing if either is not known. */
    static String memory(Optional<MemoryPlan> plan) {
        OptionalLong peak = MachineMemory.peak();
        return plan.isEmpty() || peak.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "Peak memory: %s (predicted: %s)%n",
                        MachineMemory.gigabytes(peak.getAsLong()),
                        MachineMemory.gigabytes(plan.get().total()));
    }

    /** The runs as results.jsonl has them, each with its seconds; the report's path; and memory in bytes. */
    Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("runs", results.runs().stream().map(Summary::toMap).toList());
        map.put("report", results.reportFile().toString());
        plan.ifPresent(planned -> map.put("predictedMemory", planned.total()));
        MachineMemory.peak().ifPresent(peak -> map.put("peakMemory", peak));
        return map;
    }

    private static Map<String, Object> toMap(RunResult run) {
        Map<String, Object> map = run.toMap();
        map.put("seconds", run.seconds());
        return map;
    }
}
