package org.rlvr4j.rl;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Metrics of a rollout step. None depends on the clock or on the number of threads.
 *
 * @param step               number of the step, counted from 1
 * @param reward             reward, mean over all generated responses
 * @param accuracy           share of right answers among all generated responses
 * @param answered           share of all generated responses that have a final answer, right or wrong
 * @param rur                response utilization ratio: share of all generated responses that were learned from
 * @param tcr                token clipping ratio: share of tokens whose gradient the clip removed, mean over updates
 * @param clippedLow         share of tokens that were clipped at the low end of the interval; with {@code clippedHigh}, it
 *                           adds up to {@code tcr}
 * @param clippedHigh        share of tokens that were clipped at the high end of the interval, mean over updates
 * @param dualClipped        share of tokens at which the dual clip acted, mean over updates
 * @param ppoKl              mean of log q - log p over tokens, for the policy p and the old policy q; mean over updates
 * @param referenceKl        mean over tokens of the KL penalty's estimate of the divergence from the reference policy, in
 *                           nats, without the coefficient; mean over updates; NaN if there is no penalty
 * @param entropy            entropy in nats of the policy's next-token distribution as a token was learned from, mean
 *                           over response tokens, then over updates
 * @param loss               loss, mean over updates
 * @param responseLength     length in tokens, mean over all generated responses
 * @param maxResponseLength  length in tokens of the longest generated response
 * @param truncated          share of all generated responses that were cut off before they ended
 * @param noContrast         share of all generated groups whose responses are all right or all wrong
 * @param gradNorm           L2 norm of the gradient before clipping, mean over updates that were not skipped
 * @param learningRate       learning rate of the step
 * @param skipped            number of updates that were skipped because loss or gradient was not finite
 * @param generatedResponses number of responses generated since the run began
 */
public record StepMetrics(
        int step,
        double reward,
        double accuracy,
        double answered,
        double rur,
        double tcr,
        double clippedLow,
        double clippedHigh,
        double dualClipped,
        double ppoKl,
        double referenceKl,
        double entropy,
        double loss,
        double responseLength,
        int maxResponseLength,
        double truncated,
        double noContrast,
        double gradNorm,
        double learningRate,
        int skipped,
        long generatedResponses) {

    /**
     * Computes the metrics of a step.
     *
     * @param step               number of the step, counted from 1
     * @param generated          all groups that the step generated
     * @param batch              responses that are learned from, with their advantages
     * @param updates            updates of the step, one for each mini-batch that is not empty
     * @param learningRate       learning rate of the step
     * @param generatedResponses number of responses generated since the run began
     */
    static StepMetrics of(
            int step,
            List<Group> generated,
            Batch batch,
            List<Trainer.Update> updates,
            double learningRate,
            long generatedResponses) {
        List<Response> responses =
                generated.stream().flatMap(group -> group.responses().stream()).toList();
        return new StepMetrics(
                step,
                mean(responses, Response::reward),
                mean(responses, response -> response.verdict().correct() ? 1 : 0),
                mean(responses, response -> response.verdict().answered() ? 1 : 0),
                responseUtilizationRatio(batch.advantages(), responses.size()),
                mean(updates, update -> update.statistics().tokenClippingRatio()),
                mean(updates, update -> update.statistics().clippedLowShare()),
                mean(updates, update -> update.statistics().clippedHighShare()),
                mean(updates, update -> update.statistics().dualClippedShare()),
                mean(updates, update -> update.statistics().ppoKl()),
                mean(updates, update -> update.statistics().referenceKl()),
                mean(updates, update -> update.statistics().entropy()),
                mean(updates, update -> update.statistics().loss()),
                mean(responses, response -> response.completion().length()),
                responses.stream()
                        .mapToInt(response -> response.completion().length())
                        .max()
                        .orElse(0),
                mean(responses, response -> response.completion().isTruncated() ? 1 : 0),
                mean(generated, group -> group.hasContrast() ? 0 : 1),
                mean(updates.stream().filter(StepMetrics::isApplied).toList(), Trainer.Update::gradNorm),
                learningRate,
                (int) updates.stream().filter(update -> !isApplied(update)).count(),
                generatedResponses);
    }

    /**
     * Response utilization ratio (RUR): share of all generated responses that the policy learns from (DCPO, equation
     * 10).
     *
     * @param advantages advantages of the responses in the batch; a response with advantage 0 teaches nothing
     * @param generated  number of responses generated for the batch, including those of dropped groups
     */
    static double responseUtilizationRatio(double[] advantages, int generated) {
        long utilized = 0;
        for (double advantage : advantages) {
            utilized += advantage != 0 ? 1 : 0;
        }
        return (double) utilized / generated;
    }

    private static boolean isApplied(Trainer.Update update) {
        return Double.isFinite(update.gradNorm());
    }

    private static <T> double mean(List<T> items, ToDoubleFunction<T> value) {
        return items.stream().mapToDouble(value).average().orElse(0);
    }
}
