package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.eval.Grader;
import org.rlvr4j.eval.Verdict;

/** Grades the completions of an evaluation again, without a model, and prints what comes of it. */
record ScoreCommand(Path folder) {

    void run(Screen screen) {
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
        screen.out().print(report.toText());
        screen.out().println();
        screen.out().println(changes.isEmpty() ? "Every verdict is as it was." : "Verdicts that changed:");
        changes.forEach(screen.out()::println);
    }
}
