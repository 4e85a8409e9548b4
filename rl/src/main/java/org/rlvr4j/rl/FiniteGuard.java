package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.List;
import org.rlvr4j.tensor.Parameters;

/** Guard against loss or gradients that are not finite: it counts and explains the updates that were skipped for it. */
final class FiniteGuard {

    private final Parameters parameters;
    private final int maxSkipped;
    private final List<String> obstacles = new ArrayList<>();
    private int skippedInARow;

    /**
     * @param parameters parameters of the policy, with their gradients
     * @param maxSkipped most updates in a row that may be skipped
     */
    FiniteGuard(Parameters parameters, int maxSkipped) {
        this.parameters = parameters;
        this.maxSkipped = maxSkipped;
    }

    /** Clears the obstacles of the previous step. */
    void beginStep() {
        obstacles.clear();
    }

    /**
     * Records an update: it was skipped if the gradient's norm is not finite.
     *
     * @param step      number of the rollout step, counted from 1
     * @param miniBatch mini-batch of the update
     * @param loss      loss of the mini-batch
     * @param gradNorm  L2 norm of the mini-batch's gradient; NaN if the loss was not finite
     * @throws NotFiniteException if more than {@code maxSkipped} updates in a row were skipped
     */
    void check(int step, Batch miniBatch, double loss, double gradNorm) {
        if (Double.isFinite(gradNorm)) {
            skippedInARow = 0;
            return;
        }
        skippedInARow++;
        boolean onlyLoss = Double.isFinite(parameters.gradNorm());
        String obstacle = "step " + step + ": "
                + (onlyLoss ? "the loss" : "the gradient of " + parameters.firstNotFinite())
                + " is not finite (loss " + loss + ", prompts "
                + miniBatch.completions().getFirst().prompt().id() + " to "
                + miniBatch.completions().getLast().prompt().id() + ")";
        obstacles.add(obstacle + ", so this update was not made");
        if (skippedInARow > maxSkipped) {
            throw new NotFiniteException(obstacle + "; " + skippedInARow + " updates in a row were not made");
        }
    }

    /** Reasons why updates of this step were skipped, one sentence for each. */
    List<String> obstacles() {
        return List.copyOf(obstacles);
    }

    /** Number of updates in a row, up to the latest, that were skipped. */
    int skippedInARow() {
        return skippedInARow;
    }

    /** Restores the count that {@link #skippedInARow()} returned. */
    void resume(int skipped) {
        skippedInARow = skipped;
    }
}
