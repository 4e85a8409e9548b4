package org.rlvr4j.run.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Evaluator;
import org.rlvr4j.eval.Score;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.Build;
import org.rlvr4j.run.CountedGenerator;
import org.rlvr4j.run.FolderLock;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Sha256;
import org.rlvr4j.run.Wiring;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;

/**
 * Evaluation of a checkpoint on suites of problems: Avg@1 (greedy) and Avg@k (temperature 1).
 *
 * @param model   that answers
 * @param files   of problems
 * @param samples k of Avg@k
 * @param sampled suites whose Avg@k is measured, all if null
 * @param limit   at most so many problems of each suite
 * @param output  the folder of completions and reports; null for none
 */
public record EvaluationRun(
        ModelChoice model,
        List<Path> files,
        int samples,
        @Nullable List<String> sampled,
        int limit,
        @Nullable Path output) {

    private static final int MAX_SAMPLES = 1000; // the ways to choose among more are beyond a double

    public EvaluationRun {
        if (samples < 1 || samples > MAX_SAMPLES) {
            throw new IllegalArgumentException("--samples must be from 1 to " + MAX_SAMPLES + ", not " + samples);
        }
    }

    /** Loaded model, and what is known of its answers already. */
    private record Work(
            Qwen2 model,
            ChatConversation conversation,
            Dump.Contents known,
            @Nullable Dump dump) {}

    /**
     * Evaluates to the end, or goes on with what the folder holds.
     *
     * @param backend to compute on; it stays open
     * @throws IllegalArgumentException     if files, model or folder cannot be used, or do not fit one another
     * @throws java.io.UncheckedIOException if a file cannot be read or written
     */
    public EvalReport run(Backend backend, RunListener listener) {
        List<Suite> suites = files.stream()
                .flatMap(file -> Suite.load(file).stream())
                .map(this::limited)
                .toList();
        Wiring.requireSuites(sampled, suites);
        ChatConversation conversation = model.conversation();
        try (var _ = output == null ? null : FolderLock.of(output);
                var workspace = new Workspace(backend, DType.F32)) {
            EvalSettings settings = settings(suites, conversation, workspace);
            Dump.Contents known = known(settings, listener);
            try (Qwen2 loaded = model.load(workspace, conversation);
                    Dump dump = output == null ? null : new Dump(output.resolve(Dump.FILE), known.bytes())) {
                EvalReport report = evaluate(suites, settings, new Work(loaded, conversation, known, dump), listener);
                if (output != null) {
                    report.write(output);
                }
                return report;
            }
        }
    }

    private Suite limited(Suite suite) {
        return new Suite(
                suite.name(),
                suite.problems().subList(0, Math.min(limit, suite.problems().size())));
    }

    private EvalSettings settings(List<Suite> suites, ChatConversation conversation, Workspace workspace) {
        return new EvalSettings(
                Build.commit(),
                workspace.backend().getClass().getSimpleName(),
                String.valueOf(model.model().toAbsolutePath().normalize().getFileName()),
                Sha256.of(model.model(), ".*\\.safetensors(\\.index\\.json)?|(generation_)?config\\.json"),
                model.adapter() == null ? Map.of() : Sha256.of(model.adapter(), "adapter_.*"),
                Sha256.of(model.tokenizer(), "tokenizer(_config)?\\.json|chat_template\\.jinja"),
                EvalSettings.hashes(files),
                EvalSettings.sizes(suites),
                sampled == null ? suites.stream().map(Suite::name).toList() : sampled,
                Sampling.greedy(model.maxNewTokens()),
                Sampling.plain(samples, model.maxNewTokens(), model.seed()),
                Checkpoint.config(model.model()).stopTokens(),
                conversation.template().source(),
                EvalSettings.firstPrompts(suites, conversation));
    }

    private Dump.Contents known(EvalSettings settings, RunListener listener) {
        if (output == null) {
            return Dump.Contents.EMPTY;
        }
        settings.claim(output);
        Dump.Contents known = Dump.read(output.resolve(Dump.FILE), settings, Dump.Line::verdict);
        if (known.problems() > 0) {
            listener.message("goes on after " + known.problems() + " problems of " + output.resolve(Dump.FILE));
        }
        return known;
    }

    private EvalReport evaluate(List<Suite> suites, EvalSettings settings, Work work, RunListener listener) {
        var greedy = new ArrayList<Evaluation>();
        var drawn = new ArrayList<Evaluation>();
        try (var generator = new BatchGenerator(work.model, model.maxSequences())) {
            for (Suite suite : suites) {
                greedy.add(evaluate(suite, settings.greedy(), work, generator, listener));
                if (settings.sampled().contains(suite.name())) {
                    drawn.add(evaluate(suite, settings.sampling(), work, generator, listener));
                }
            }
        }
        return new EvalReport(settings, greedy, drawn);
    }

    private static Evaluation evaluate(
            Suite suite, Sampling sampling, Work work, BatchGenerator generator, RunListener listener) {
        double temperature = sampling.temperature();
        int k = sampling.samples();
        List<Score> known = work.known.of(suite.name(), temperature);
        var progress = new RunListener.Work(
                suite.name() + ", Avg@" + k,
                (long) k * known.size(),
                (long) k * suite.problems().size());
        listener.began(progress);
        try {
            var counted = new CountedGenerator(generator, listener::answered);
            var evaluator = new Evaluator(
                    new Answering(counted, work.conversation, new Grader()),
                    work.model.config().maxPositions());
            return evaluator.evaluate(suite, sampling, known, (problem, completions) -> {
                if (work.dump != null) {
                    work.dump.write(suite.name(), temperature, problem, completions);
                }
            });
        } finally {
            listener.ended(progress);
        }
    }
}
