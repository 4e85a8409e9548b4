package org.rlvr4j.run.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Evaluator;
import org.rlvr4j.eval.Protocol;
import org.rlvr4j.eval.Score;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.generate.ClosableGenerator;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.Build;
import org.rlvr4j.run.CountedGenerator;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Wiring;
import org.rlvr4j.run.config.RewardSetting;
import org.rlvr4j.run.files.FolderLock;
import org.rlvr4j.run.files.Sha256;
import org.rlvr4j.run.reward.Rewards;
import org.rlvr4j.run.workers.Workers;
import org.rlvr4j.run.workers.WorkersProvider;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Workspace;

/**
 * Evaluation run of a checkpoint on suites of problems: Avg@1 (greedy) and Avg@k (sampled), each suite by its protocol.
 *
 * @param model    checkpoint that answers the problems, and its settings of generation
 * @param files    problem files, Parquet in verl's layout or JSON Lines
 * @param protocol what is asked for in place of the suites' own protocols
 * @param drawing  how the completions of Avg@k are drawn, and of which suites
 * @param limit    most problems of each suite, from its beginning
 * @param output   folder of completions and reports; null to write none
 */
public record EvaluationRun(
        ModelChoice model,
        List<Path> files,
        ProtocolChoice protocol,
        Drawing drawing,
        int limit,
        @Nullable Path output) {

    /** @throws IllegalArgumentException if {@code limit} is out of its range */
    public EvaluationRun {
        if (limit < 1) {
            throw new IllegalArgumentException("--limit must be 1 or more, not " + limit);
        }
    }

    /**
     * Work of a run: the loaded model, and the answers that an earlier run has written.
     *
     * @param generator     generator of answers by the loaded model
     * @param contextLength number of tokens that the model can take
     * @param existing answers in the folder when the run began
     * @param dump     file for new answers; null for none
     */
    private record Work(
            ClosableGenerator generator,
            int contextLength,
            Dump.Contents existing,
            @Nullable Dump dump) {}

    /**
     * Evaluates all suites; problems that an earlier run has answered in the same folder are not answered again.
     *
     * @param backend  backend to compute on, which stays open
     * @param workers  name of processes that generate for this one, such as {@code spark}; null for none
     * @param listener receives progress and messages, and a warning for each suite in which no answer is found
     * @return report of the evaluation, which is also written to {@code output}
     * @throws IllegalArgumentException     if files, model or folder cannot be used, or do not match one another
     * @throws java.io.UncheckedIOException if a file cannot be read or written
     */
    public EvalReport run(Backend backend, @Nullable String workers, RunListener listener) {
        Rewards chosen = Rewards.of(protocol.verifier(), Thread.currentThread().getContextClassLoader());
        List<Suite> suites = files.stream()
                .flatMap(file -> Suite.load(file, chosen.columns()).stream())
                .map(this::limited)
                .toList();
        Wiring.requireSuites(drawing.suites(), suites);
        ChatConversation conversation = model.conversation();
        List<Protocol.Example> examples = protocol.examples();
        List<SuiteTask> tasks = suites.stream()
                .map(suite -> SuiteTask.of(suite, protocol, chosen, examples, conversation))
                .toList();
        int positions = Checkpoint.config(model.model()).maxPositions();
        tasks.forEach(task -> task.requirePositions(model.maxNewTokens(), positions)); // before weights are loaded
        try (var _ = output == null ? null : FolderLock.of(output);
                var workspace = model.workspace(backend)) {
            EvalSettings settings = settings(tasks, conversation, workspace);
            Dump.Contents existing = existing(settings, listener);
            try (Decoder loaded = model.load(workspace, conversation);
                    Workers others = workers == null ? null : WorkersProvider.named(workers, model.onWorkers(loaded));
                    ClosableGenerator generator = others == null
                            ? model.generator(loaded)
                            : others.generator(
                                    model.maxSequences(), model.cacheType().type());
                    Dump dump = output == null ? null : new Dump(output.resolve(Dump.FILE), existing.bytes())) {
                EvalReport report = evaluate(
                        tasks, settings, new Work(generator, loaded.config().maxPositions(), existing, dump), listener);
                report.unanswered().forEach(listener::warned);
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

    private EvalSettings settings(List<SuiteTask> tasks, ChatConversation conversation, Workspace workspace) {
        var protocols = new LinkedHashMap<String, Protocol>();
        var verifiers = new LinkedHashMap<String, List<RewardSetting>>();
        var prompts = new LinkedHashMap<String, String>();
        for (SuiteTask task : tasks) {
            protocols.put(task.suite().name(), task.protocol());
            prompts.put(task.suite().name(), task.firstPrompt());
            List<RewardSetting> verifier = task.verifier();
            if (verifier != null) {
                verifiers.put(task.suite().name(), verifier);
            }
        }
        return new EvalSettings(
                Build.commit(),
                workspace.backend().getClass().getSimpleName(),
                String.valueOf(model.model().toAbsolutePath().normalize().getFileName()),
                Sha256.of(model.model(), ".*\\.safetensors(\\.index\\.json)?|(generation_)?config\\.json"),
                model.adapter() == null ? Map.of() : Sha256.of(model.adapter(), "adapter_.*"),
                Sha256.of(model.tokenizer(), "tokenizer(_config)?\\.json|chat_template\\.jinja"),
                EvalSettings.hashes(files),
                EvalSettings.sizes(tasks.stream().map(SuiteTask::suite).toList()),
                drawing.sampled(tasks),
                Sampling.greedy(model.maxNewTokens()),
                drawing.sampling(model),
                Checkpoint.config(model.model()).stopTokens(),
                model.cacheType(),
                conversation.template().source(),
                prompts,
                protocols,
                verifiers,
                tasks.getFirst().rewards().digest());
    }

    private Dump.Contents existing(EvalSettings settings, RunListener listener) {
        if (output == null) {
            return Dump.Contents.EMPTY;
        }
        settings.claim(output);
        Dump.Contents existing = Dump.read(output.resolve(Dump.FILE), settings, Dump.Line::verdict, Map.of());
        if (existing.problems() > 0) {
            listener.message("goes on after " + existing.problems() + " problems of " + output.resolve(Dump.FILE));
        }
        return existing;
    }

    private EvalReport evaluate(List<SuiteTask> tasks, EvalSettings settings, Work work, RunListener listener) {
        var greedy = new ArrayList<Evaluation>();
        var drawn = new ArrayList<Evaluation>();
        for (SuiteTask task : tasks) {
            greedy.add(evaluate(task, settings.greedy(), work, listener));
            if (settings.sampled().contains(task.suite().name())) {
                drawn.add(evaluate(task, settings.sampling(), work, listener));
            }
        }
        return new EvalReport(settings, greedy, drawn);
    }

    private static Evaluation evaluate(SuiteTask task, Sampling sampling, Work work, RunListener listener) {
        String suite = task.suite().name();
        double temperature = sampling.temperature();
        List<Score> existing = work.existing.of(suite, temperature);
        var progress = new RunListener.Work(
                suite + ", " + (temperature == 0 ? Metric.GREEDY : Evaluation.nameOfSampled(sampling.samples())),
                (long) sampling.samples() * existing.size(),
                (long) sampling.samples() * task.suite().problems().size());
        listener.began(progress);
        try {
            var counted = new CountedGenerator(work.generator, listener::answered);
            Verifier verifier = task.rewards().verifier();
            var evaluator = new Evaluator(new Answering(counted, task.conversation(), verifier), work.contextLength);
            return evaluator.evaluate(task.suite(), sampling, existing, (problem, completions) -> {
                if (work.dump != null) {
                    work.dump.write(new Dump.Pass(suite, temperature), problem, completions, verifier);
                }
            });
        } finally {
            listener.ended(progress);
        }
    }
}
