package org.rlvr4j.run;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.rlvr4j.rl.Group;
import org.rlvr4j.rl.Response;
import org.rlvr4j.rl.StepMetrics;

/** Watch for a collapse: steps in a row in which every response of a group has the same reward, in all groups. */
final class ContrastWatch {

    /** Steps in a row after which it is said. */
    static final int STEPS = 3;

    private int withoutContrast;

    /**
     * Looks at a step.
     *
     * @param metrics metrics of the step
     * @param groups  all generated groups of the step
     * @return a sentence that says what happens and what helps, once for every collapse; empty otherwise
     */
    Optional<String> after(StepMetrics metrics, List<Group> groups) {
        withoutContrast = groups.stream().allMatch(ContrastWatch::hasOneReward) ? withoutContrast + 1 : 0;
        if (withoutContrast != STEPS) {
            return Optional.empty();
        }
        return Optional.of("steps " + (metrics.step() - STEPS + 1) + " to " + metrics.step()
                + " gave every response of a group the same reward, so nothing is left to learn from; "
                + advice(metrics));
    }

    private static boolean hasOneReward(Group group) {
        return group.responses().stream()
                        .mapToDouble(Response::reward)
                        .distinct()
                        .count()
                == 1;
    }

    private static String advice(StepMetrics metrics) {
        if (metrics.accuracy() == 1) {
            return "all are right: harder problems help, or training.solvedBetween, which leaves out what is solved";
        }
        if (metrics.accuracy() > 0) {
            return String.format(
                    Locale.ROOT,
                    "%.0f %% are right, each group's all or none: a larger training.groupSize or a higher"
                            + " training.temperature helps",
                    100 * metrics.accuracy());
        }
        if (metrics.answered() == 0) {
            return "none has an answer: a prompt that asks for one, a warm-up or a larger training.maxNewTokens helps";
        }
        return String.format(
                Locale.ROOT,
                "%.0f %% have an answer and none is right: easier problems or a warm-up help, or, if some were right"
                        + " before, an earlier checkpoint with a lower training.learningRate",
                100 * metrics.answered());
    }
}
