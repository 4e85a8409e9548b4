package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.List;
import org.rlvr4j.tensor.Parameters;

/** Watch over updates that were not made because loss or gradient was not finite. */
final class FiniteGuard {

    private final Parameters parameters;
    private final int maxSkipped;
    private final List<String> obstacles = new ArrayList<>();
    private int skippedInARow;

    /**
     * @param parameters of the policy
     * @param maxSkipped updates in a row that may be skipped
     */
    FiniteGuard(Parameters parameters, int maxSkipped) {
        this.parameters = parameters;
        this.maxSkipped = maxSkipped;
    }

    /** Forgets the obstacles of the step before. */
    void beginStep() {
        obstacles.clear();
    }

    /**
     * Takes note of an update, which was not made if the norm is not finite.
     *
     * @param step     its number, counted from 1
     * @param loss     of the mini-batch
     * @param gradNorm of its gradient
     * @throws NotFiniteException if too many in a row were not made
     */
    void check(int step, Batch miniBatch, double loss, double gradNorm) {
        if (Double.isFinite(gradNorm)) {
            skippedInARow = 0;
            return;
        }
        skippedInARow++;
        boolean lossAlone = Double.isFinite(parameters.gradNorm());
        String obstacle = "step " + step + ": "
                + (lossAlone ? "the loss" : "the gradient of " + parameters.firstNotFinite())
                + " is not finite (loss " + loss + ", prompts "
                + miniBatch.completions().getFirst().prompt().id() + " to "
                + miniBatch.completions().getLast().prompt().id() + ")";
        obstacles.add(obstacle + ", so this update was not made");
        if (skippedInARow > maxSkipped) {
            throw new NotFiniteException(obstacle + "; " + skippedInARow + " updates in a row were not made");
        }
    }

    /** Why updates of this step were not made, one sentence each. */
    List<String> obstacles() {
        return List.copyOf(obstacles);
    }

    int skippedInARow() {
        return skippedInARow;
    }

    void resume(int skipped) {
        skippedInARow = skipped;
    }
}
