package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.report.Progress;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.cli.report.Table;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.eval.Estimate;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Evaluator;
import org.rlvr4j.eval.Grader;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.model.BatchGenerator;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.tensor.Workspace;

/**
 * Measures a checkpoint on suites of problems.
 *
 * @param samples k of Avg@k
 * @param sampled suites whose Avg@k is measured, all if null
 * @param limit   at most so many problems of each suite
 */
record EvalCommand(
        ModelOptions options, int samples, @Nullable List<String> sampled, int limit) {

    void run(List<Path> files, Screen screen) {
        List<Suite> suites = files.stream()
                .flatMap(file -> Suite.load(file).stream())
                .map(this::limited)
                .toList();
        Wiring.requireSuites(sampled, suites);
        Conversation conversation = options.conversation();
        try (Workspace workspace = options.workspace();
                Qwen2 model = options.load(workspace, conversation)) {
            var rows = new ArrayList<List<String>>();
            for (Suite suite : suites) {
                Evaluation greedy = evaluate(model, conversation, suite, 1, screen);
                rows.add(
                        sampled == null || sampled.contains(suite.name())
                                ? row(suite, greedy, evaluate(model, conversation, suite, samples, screen))
                                : row(suite, greedy, null));
            }
            var columns = List.of(
                    "Suite", "Problems", "Avg@1 %", "Avg@" + samples + " %", "Unboxed %", "Truncated %", "Tokens");
            screen.out().println();
            screen.out().print(new Table("95 % intervals over problems", columns, rows).toText());
        }
    }

    private Suite limited(Suite suite) {
        return new Suite(
                suite.name(),
                suite.problems().subList(0, Math.min(limit, suite.problems().size())));
    }

    private Evaluation evaluate(Qwen2 model, Conversation conversation, Suite suite, int k, Screen screen) {
        int completions = k * suite.problems().size();
        try (var progress = new Progress(screen, suite.name() + ", Avg@" + k, 0, completions);
                var generator = new BatchGenerator(
                        model,
                        options.maxSequences(),
                        model.config().stopTokens(),
                        done -> progress.update(done, ""))) {
            var evaluator = new Evaluator(
                    generator,
                    conversation::prompt,
                    conversation::text,
                    new Grader(),
                    model.config().maxPositions());
            return k == 1
                    ? evaluator.greedy(suite, options.maxNewTokens())
                    : evaluator.sampled(suite, k, options.maxNewTokens(), options.seed());
        }
    }

    /** Shares and length are of the samples, or of the greedy completions where there are none. */
    private static List<String> row(Suite suite, Evaluation greedy, @Nullable Evaluation sampled) {
        Evaluation shown = sampled == null ? greedy : sampled;
        return List.of(
                suite.name(),
                String.valueOf(suite.problems().size()),
                greedy.avg().percent(),
                sampled == null ? "-" : sampled.avg().percent(),
                Estimate.of(shown.unboxedShare()).percent().replace(" (n=1)", ""),
                Estimate.of(shown.truncatedShare()).percent().replace(" (n=1)", ""),
                String.format("%.0f", shown.meanLength()));
    }
}
