package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Evaluator;
import org.rlvr4j.eval.OrdinaryText;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.model.generate.Generator;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.config.Measuring;

/**
 * Measurement of the current policy on problems: those of the suites, or any others.
 *
 * @param bench resources shared by the runs
 */
record Measurement(Workbench bench) {

    /**
     * Result of a greedy measurement.
     *
     * @param suites     evaluation of each suite
     * @param samples    answers to each suite's first problems
     * @param perplexity perplexity of the ordinary text; null if none is measured
     */
    record Greedy(
            List<Evaluation> suites,
            List<Samples.HeldBack> samples,
            @Nullable Double perplexity) {

        /** Result where nothing was measured. */
        static final Greedy NONE = new Greedy(List.of(), List.of(), null);
    }

    /** Measures Avg@1 of each suite, as a part of the training whose progress is shown. */
    Greedy greedy() {
        List<Suite> suites = bench.sets().heldBack();
        int total = suites.stream().mapToInt(suite -> suite.problems().size()).sum();
        var finished = new AtomicInteger();
        return greedy(suites, new CountedGenerator(bench.generator(), () -> bench.listener()
                .advanced(
                        new RunListener.Part(RunListener.Part.Phase.MEASUREMENT, finished.incrementAndGet(), total))));
    }

    /** Measures Avg@1 of each suite and reports progress under the label. */
    Greedy greedy(String label) {
        List<Suite> suites = bench.sets().heldBack();
        return measure(1, suites, label + ", Avg@1", generator -> greedy(suites, generator));
    }

    /** Measures Avg@k of any problems with the given sampling, and reports progress under the label. */
    Evaluation sampled(String label, Suite suite, Sampling sampling) {
        return measure(
                sampling.samples(), List.of(suite), named(label, sampling.samples()), generator -> evaluator(generator)
                        .evaluate(suite, sampling));
    }

    /** Measures Avg@k of each suite that is sampled, and reports progress under the label. */
    List<Evaluation> sampled(String label) {
        List<String> names = bench.config().evaluation().sampledSuites();
        List<Suite> suites = bench.sets().heldBack().stream()
                .filter(suite -> names == null || names.contains(suite.name()))
                .toList();
        int k = bench.config().evaluation().samples();
        return measure(k, suites, named(label, k), generator -> sampled(suites, generator));
    }

    private static String named(String label, int samples) {
        return label + ", " + Evaluation.nameOfSampled(samples);
    }

    private <T> T measure(int samples, List<Suite> suites, String label, Function<Generator, T> evaluation) {
        int completions = samples
                * suites.stream().mapToInt(suite -> suite.problems().size()).sum();
        bench.generator().close(); // so that there are never two KV caches at a time
        var work = new RunListener.Work(label, 0, completions);
        bench.listener().began(work);
        try (var generator = bench.newGenerator(bench.config().evaluation().maxSequences())) {
            return evaluation.apply(new CountedGenerator(generator, bench.listener()::answered));
        } finally {
            bench.listener().ended(work);
        }
    }

    private Greedy greedy(List<Suite> suites, Generator generator) {
        var evaluations = new ArrayList<Evaluation>();
        var samples = new ArrayList<Samples.HeldBack>();
        Sampling greedy = Sampling.greedy(bench.config().evaluation().maxNewTokens());
        for (Suite suite : suites) {
            int enough = samples.size() + Samples.PROBLEMS_PER_SUITE;
            evaluations.add(evaluator(generator).evaluate(suite, greedy, List.of(), (problem, graded) -> {
                if (samples.size() < enough) {
                    samples.add(new Samples.HeldBack(suite.name(), problem, graded.getFirst()));
                }
            }));
        }
        return new Greedy(evaluations, samples, perplexity());
    }

    /** Perplexity of the ordinary text; null if none is measured. */
    @Nullable
    Double perplexity() {
        Path text = bench.config().evaluation().text();
        return text == null
                ? null
                : (Double) OrdinaryText.load(text, bench.conversation().tokenizer())
                        .perplexity(bench.policy());
    }

    private List<Evaluation> sampled(List<Suite> suites, Generator generator) {
        Measuring measuring = bench.config().evaluation();
        return suites.stream()
                .map(suite -> evaluator(generator).evaluate(suite, measuring.sampling()))
                .toList();
    }

    private Evaluator evaluator(Generator generator) {
        return new Evaluator(
                bench.answering().with(generator), bench.policy().config().maxPositions());
    }
}
