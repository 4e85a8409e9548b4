package org.rlvr4j.rl;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a step went. Nothing here depends on the clock or on the number of threads.
 *
 * @param step               counted from 1
 * @param reward             mean over all generated responses
 * @param accuracy           share of right answers among all generated responses
 * @param rur                share of all generated responses that were learned from
 * @param tcr                share of tokens whose clip took their gradient, mean over updates
 * @param dualClipped        share of tokens at which the dual clip acted, mean over updates
 * @param ppoKl              mean of log q - log p, mean over updates
 * @param entropy            of the policy's next-token distribution, mean over response tokens as they were learned from
 * @param loss               mean over updates
 * @param responseLength     mean tokens of all generated responses
 * @param maxResponseLength  of all generated responses
 * @param truncated          share of all generated responses without an end
 * @param gradNorm           before clipping, mean over updates that were made
 * @param learningRate       of the step
 * @param skipped            updates not made because they were not finite
 * @param generatedResponses since the run began
 */
public record StepMetrics(
        int step,
        double reward,
        double accuracy,
        double rur,
        double tcr,
        double dualClipped,
        double ppoKl,
        double entropy,
        double loss,
        double responseLength,
        int maxResponseLength,
        double truncated,
        double gradNorm,
        double learningRate,
        int skipped,
        long generatedResponses) {

    /** By name, in the order above, for a line of a metrics file. */
    public Map<String, Number> toMap() {
        var map = new LinkedHashMap<String, Number>();
        map.put("step", step);
        map.put("reward", reward);
        map.put("accuracy", accuracy);
        map.put("rur", rur);
        map.put("tcr", tcr);
        map.put("dualClipped", dualClipped);
        map.put("ppoKl", ppoKl);
        map.put("entropy", entropy);
        map.put("loss", loss);
        map.put("responseLength", responseLength);
        map.put("maxResponseLength", maxResponseLength);
        map.put("truncated", truncated);
        map.put("gradNorm", gradNorm);
        map.put("learningRate", learningRate);
        map.put("skipped", skipped);
        map.put("generatedResponses", generatedResponses);
        return map;
    }
}
