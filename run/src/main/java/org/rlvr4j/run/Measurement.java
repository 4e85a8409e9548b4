package org.rlvr4j.run;

import java.util.ArrayList;
import java.util.List;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Evaluator;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Generator;
import org.rlvr4j.run.config.RunConfig;

/**
 * Measurement of the current policy on the held-back problems.
 *
 * @param bench resources shared by the runs
 */
record Measurement(Workbench bench) {

    /** Measures Avg@1 of each suite without reporting progress, as the progress of training is shown. */
    List<Evaluation> greedy() {
        return evaluate(1, bench.sets().heldBack(), bench.generator());
    }

    /** Measures Avg@1 of each suite and reports progress under the label. */
    List<Evaluation> greedy(String label) {
        return measure(1, bench.sets().heldBack(), label);
    }

    /** Measures Avg@k of each suite that is sampled, and reports progress under the label. */
    List<Evaluation> sampled(String label) {
        List<String> names = bench.config().evaluation().sampledSuites();
        List<Suite> suites = bench.sets().heldBack().stream()
                .filter(suite -> names == null || names.contains(suite.name()))
                .toList();
        return measure(bench.config().evaluation().samples(), suites, label);
    }

    private List<Evaluation> measure(int samples, List<Suite> suites, String label) {
        int completions = samples
                * suites.stream().mapToInt(suite -> suite.problems().size()).sum();
        bench.generator().close(); // so that there are never two KV caches at a time
        var work = new RunListener.Work(label + ", Avg@" + samples, 0, completions);
        bench.listener().began(work);
        try (var generator = new BatchGenerator(
                bench.policy(),
                bench.config().evaluation().maxSequences(),
                bench.policy().config().stopTokens(),
                bench.interruption()::check)) {
            return evaluate(samples, suites, new CountedGenerator(generator, bench.listener()::answered));
        } finally {
            bench.listener().ended(work);
        }
    }

    private List<Evaluation> evaluate(int samples, List<Suite> suites, Generator generator) {
        var evaluator = new Evaluator(
                bench.answering().with(generator), bench.policy().config().maxPositions());
        RunConfig.Measuring measuring = bench.config().evaluation();
        var evaluations = new ArrayList<Evaluation>();
        for (Suite suite : suites) {
            evaluations.add(
                    samples == 1
                            ? evaluator.greedy(suite, measuring.maxNewTokens())
                            : evaluator.evaluate(suite, measuring.sampling()));
        }
        return evaluations;
    }
}
