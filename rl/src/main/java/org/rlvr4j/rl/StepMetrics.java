package org.rlvr4j.rl;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Metrics of a step. Nothing here depends on the clock or on the number of threads.
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

    /**
     * Metrics of a step.
     *
     * @param responses          all that were generated
     * @param batch              the responses that were learned from
     * @param updates            each from a part of the batch
     * @param generatedResponses since the run began
     */
    static StepMetrics of(
            int step,
            List<Response> responses,
            Batch batch,
            List<Trainer.Update> updates,
            double learningRate,
            long generatedResponses) {
        return new StepMetrics(
                step,
                mean(responses, Response::reward),
                mean(responses, response -> response.verdict().correct() ? 1 : 0),
                responseUtilizationRatio(batch.advantages(), responses.size()),
                mean(updates, update -> update.statistics().tokenClippingRatio()),
                mean(updates, update -> update.statistics().dualClippedShare()),
                mean(updates, update -> update.statistics().ppoKl()),
                mean(updates, update -> update.statistics().entropy()),
                mean(updates, update -> update.statistics().loss()),
                mean(responses, response -> response.completion().length()),
                responses.stream()
                        .mapToInt(response -> response.completion().length())
                        .max()
                        .orElse(0),
                mean(responses, response -> response.completion().isTruncated() ? 1 : 0),
                mean(updates.stream().filter(StepMetrics::isMade).toList(), Trainer.Update::gradNorm),
                learningRate,
                (int) updates.stream().filter(update -> !isMade(update)).count(),
                generatedResponses);
    }

    /**
     * RUR: the share of all generated responses that the policy learns from (DCPO, equation 10).
     *
     * @param advantages of the responses of the update; zero teaches nothing
     * @param generated  how many responses were generated for it, those of dropped groups included
     */
    static double responseUtilizationRatio(double[] advantages, int generated) {
        long used = 0;
        for (double advantage : advantages) {
            used += advantage != 0 ? 1 : 0;
        }
        return (double) used / generated;
    }

    private static boolean isMade(Trainer.Update update) {
        return Double.isFinite(update.gradNorm());
    }

    private static <T> double mean(List<T> items, ToDoubleFunction<T> part) {
        return items.stream().mapToDouble(part).average().orElse(0);
    }
}
