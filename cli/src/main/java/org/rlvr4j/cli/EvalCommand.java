package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.report.Counted;
import org.rlvr4j.cli.report.Progress;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Evaluator;
import org.rlvr4j.eval.Grader;
import org.rlvr4j.eval.Score;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.model.BatchGenerator;
import org.rlvr4j.model.Checkpoint;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.Sampling;
import org.rlvr4j.tensor.Workspace;

/**
 * Measures a checkpoint on suites of problems.
 *
 * @param samples k of Avg@k
 * @param sampled suites whose Avg@k is measured, all if null
 * @param limit   at most so many problems of each suite
 * @param output  the folder of completions and reports; null for none
 */
record EvalCommand(
        ModelOptions options,
        int samples,
        @Nullable List<String> sampled,
        int limit,
        @Nullable Path output) {

    private static final int MAX_SAMPLES = 1000; // the ways to choose among more are beyond a double

    EvalCommand {
        if (samples < 1 || samples > MAX_SAMPLES) {
            throw new IllegalArgumentException("--samples must be from 1 to " + MAX_SAMPLES + ", not " + samples);
        }
    }

    /** What an evaluation goes on with: the model, and what is known already. */
    private record Work(
            Qwen2 model,
            Conversation conversation,
            Dump.Contents known,
            @Nullable Dump dump) {}

    void run(List<Path> files, Screen screen) {
        List<Suite> suites = files.stream()
                .flatMap(file -> Suite.load(file).stream())
                .map(this::limited)
                .toList();
        Wiring.requireSuites(sampled, suites);
        Conversation conversation = options.conversation();
        try (var _ = output == null ? null : FolderLock.of(output);
                Workspace workspace = options.workspace()) {
            EvalSettings settings = settings(files, suites, conversation, workspace);
            Dump.Contents known = known(settings, screen);
            try (Qwen2 model = options.load(workspace, conversation);
                    Dump dump = output == null ? null : new Dump(output.resolve(Dump.FILE), known.bytes())) {
                EvalReport report = evaluate(suites, settings, new Work(model, conversation, known, dump), screen);
                if (output != null) {
                    report.write(output);
                }
                screen.out().println();
                screen.out().print(report.toText());
            }
        }
    }

    private Suite limited(Suite suite) {
        return new Suite(
                suite.name(),
                suite.problems().subList(0, Math.min(limit, suite.problems().size())));
    }

    private EvalSettings settings(
            List<Path> files, List<Suite> suites, Conversation conversation, Workspace workspace) {
        return new EvalSettings(
                Build.commit(),
                workspace.backend().getClass().getSimpleName(),
                String.valueOf(options.model().toAbsolutePath().normalize().getFileName()),
                Sha256.of(options.model(), ".*\\.safetensors(\\.index\\.json)?|(generation_)?config\\.json"),
                options.adapter() == null ? Map.of() : Sha256.of(options.adapter(), "adapter_.*"),
                Sha256.of(options.tokenizerFolder(), "tokenizer(_config)?\\.json|chat_template\\.jinja"),
                EvalSettings.hashes(files),
                EvalSettings.sizes(suites),
                sampled == null ? suites.stream().map(Suite::name).toList() : sampled,
                Sampling.greedy(options.maxNewTokens()),
                Sampling.plain(samples, options.maxNewTokens(), options.seed()),
                Checkpoint.config(options.model()).stopTokens(),
                conversation.template().source(),
                EvalSettings.firstPrompts(suites, conversation));
    }

    private Dump.Contents known(EvalSettings settings, Screen screen) {
        if (output == null) {
            return Dump.Contents.EMPTY;
        }
        settings.claim(output);
        Dump.Contents known = Dump.read(output.resolve(Dump.FILE), settings, Dump.Line::verdict);
        if (known.problems() > 0) {
            screen.out().println("goes on after " + known.problems() + " problems of " + output.resolve(Dump.FILE));
        }
        return known;
    }

    private EvalReport evaluate(List<Suite> suites, EvalSettings settings, Work work, Screen screen) {
        var greedy = new ArrayList<Evaluation>();
        var drawn = new ArrayList<Evaluation>();
        try (var generator = new BatchGenerator(work.model, options.maxSequences())) {
            for (Suite suite : suites) {
                greedy.add(evaluate(suite, settings.greedy(), work, generator, screen));
                if (settings.sampled().contains(suite.name())) {
                    drawn.add(evaluate(suite, settings.sampling(), work, generator, screen));
                }
            }
        }
        return new EvalReport(settings, greedy, drawn);
    }

    private static Evaluation evaluate(
            Suite suite, Sampling sampling, Work work, BatchGenerator generator, Screen screen) {
        double temperature = sampling.temperature();
        int k = sampling.samples();
        List<Score> known = work.known.of(suite.name(), temperature);
        try (var progress = new Progress(
                screen,
                suite.name() + ", Avg@" + k,
                (long) k * known.size(),
                (long) k * suite.problems().size())) {
            var evaluator = new Evaluator(
                    new Counted(generator, progress),
                    work.conversation::prompt,
                    work.conversation::text,
                    new Grader(),
                    work.model.config().maxPositions());
            return evaluator.evaluate(suite, sampling, known, (problem, completions) -> {
                if (work.dump != null) {
                    work.dump.write(suite.name(), temperature, problem, completions);
                }
            });
        }
    }
}
