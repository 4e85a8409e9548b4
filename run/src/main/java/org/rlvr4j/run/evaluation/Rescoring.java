package org.rlvr4j.run.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.run.config.Configs;

/**
 * Rescoring of an evaluation: its completions graded again, without its model.
 *
 * @param report  report with the new verdicts
 * @param changes one line of text for each verdict that has changed
 */
public record Rescoring(EvalReport report, List<String> changes) {

    /**
     * Grades the completions in the folder of an evaluation; the folder is not modified.
     *
     * @param folder folder of a finished evaluation
     * @throws IllegalArgumentException     if the evaluation is not finished, or was judged by more than the mathematics
     *                                      grader: other verifiers may need columns and tokens, which it does not hold
     * @throws java.io.UncheckedIOException if the folder cannot be read
     */
    public static Rescoring of(Path folder) {
        EvalSettings settings = EvalSettings.read(folder);
        if (settings.reward() != null) {
            throw new IllegalArgumentException(
                    folder + " cannot be graded again, as its reward may need what is not in it: "
                            + Configs.write(settings.reward()) + "; evaluate again with another --output");
        }
        var grader = new Grader();
        var changes = new ArrayList<String>();
        EvalReport report = EvalReport.read(folder, line -> {
            Verdict verdict = grader.grade(line.response(), line.accepted());
            if (!verdict.equals(line.verdict())) {
                changes.add(line.problem() + ", sample " + line.sample() + " at temperature " + line.temperature()
                        + ": was " + line.stage() + ", is " + verdict.stage());
            }
            return verdict;
        });
        return new Rescoring(report, List.copyOf(changes));
    }
}
