package org.rlvr4j.run.report;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Failure of one of several runs, after which the others went on.
 *
 * @param method name of the method in the configuration
 * @param seed   seed of the run
 * @param reason reason of the failure, in a sentence
 */
public record RunFailure(String method, long seed, String reason) {

    /** The failure of a run with an exception's message, or with its name if it has no message. */
    public static RunFailure of(RunFolder run, RuntimeException e) {
        String reason = e.getMessage() == null || e.getMessage().isBlank() ? e.toString() : e.getMessage();
        return new RunFailure(run.method(), run.seed(), reason.strip().replaceAll("\\s*\\R\\s*", " "));
    }

    /** The failure in a sentence that names the run. */
    @Override
    public String toString() {
        return run() + " failed: " + reason;
    }

    /** The run, such as {@code DCPO, seed 1}. */
    String run() {
        return method + ", seed " + seed;
    }

    /** The failure as a line of the results file. */
    public Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("method", method);
        map.put("seed", seed);
        map.put("failed", reason);
        return map;
    }
}
