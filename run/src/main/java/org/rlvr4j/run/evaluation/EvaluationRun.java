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
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.Build;
import org.rlvr4j.run.CountedGenerator;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Wiring;
import org.rlvr4j.run.config.RewardSetting;
import org.rlvr4j.run.files.FolderLock;
import org.rlvr4j.run.files.Sha256;
import org.rlvr4j.run.reward.Rewards;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;

/**
 * Evaluation run of a checkpoint on suites of problems: Avg@1 (greedy) and Avg@k (temperature 1).
 *
 * @param model   checkpoint that answers the problems, and its settings of generation
 * @param files   problem files, Parquet in verl's layout or JSON Lines
 * @param samples number k of completions per problem for Avg@k; from 1 to 1000
 * @param sampled names of the suites whose Avg@k is measured; null for all
 * @param limit   most problems of each suite, from its beginning
 * @param output  folder of completions and reports; null to write none
 * @param reward  parts of the reward, one of which says what is right; null for the mathematics grader
 */
public record EvaluationRun(
        ModelChoice model,
        List<Path> files,
        int samples,
        @Nullable List<String> sampled,
        int limit,
        @Nullable Path output,
        @Nullable List<RewardSetting> reward) {

    private static final int MAX_SAMPLES = 1000; // binomial coefficients of more overflow a double

    /** @throws IllegalArgumentException if {@code samples} or {@code limit} is out of its range */
    public EvaluationRun {
        if (samples < 1 || samples > MAX_SAMPLES) {
            throw new IllegalArgumentException("--samples must be from 1 to " + MAX_SAMPLES + ", not " + samples);
        }
        if (limit < 1) {
            throw new IllegalArgumentException("--limit must be 1 or more, not " + limit);
        }
    }

    /**
     * Work of a run: the loaded model, and the answers that an earlier run has written.
     *
     * @param model        loaded model
     * @param conversation tokenizer and chat template
     * @param existing     answers in the folder when the run began
     * @param dump         file for new answers; null for none
     * @param verifier     judge of the answers
     */
    private record Work(
            Decoder model,
            ChatConversation conversation,
            Dump.Contents existing,
            @Nullable Dump dump,
            Verifier verifier) {}

    /**
     * Evaluates all suites; problems that an earlier run has answered in the same folder are not answered again.
     *
     * @param backend  backend to compute on, which stays open
     * @param listener receives progress and messages
     * @return report of the evaluation, which is also written to {@code output}
     * @throws IllegalArgumentException     if files, model or folder cannot be used, or do not match one another
     * @throws java.io.UncheckedIOException if a file cannot be read or written
     */
    public EvalReport run(Backend backend, RunListener listener) {
        Rewards rewards = Rewards.of(reward, Thread.currentThread().getContextClassLoader());
        List<Suite> suites = files.stream()
                .flatMap(file -> Suite.load(file, rewards.columns()).stream())
                .map(this::limited)
                .toList();
        Wiring.requireSuites(sampled, suites);
        ChatConversation conversation = model.conversation();
        suites.forEach(suite -> rewards.check(suite.problems()));
        int positions = Checkpoint.config(model.model()).maxPositions();
        for (Suite suite : suites) { // before weights are loaded and files are written
            Evaluator.requirePositions(suite, conversation, model.maxNewTokens(), positions);
        }
        try (var _ = output == null ? null : FolderLock.of(output);
                var workspace = new Workspace(backend, DType.F32)) {
            EvalSettings settings = settings(suites, conversation, workspace, rewards.digest());
            Dump.Contents existing = existing(settings, listener);
            try (Decoder loaded = model.load(workspace, conversation);
                    Dump dump = output == null
                            ? null
                            : new Dump(output.resolve(Dump.FILE), existing.bytes(), rewards.verifier())) {
                var work = new Work(loaded, conversation, existing, dump, rewards.verifier());
                EvalReport report = evaluate(suites, settings, work, listener);
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

    private EvalSettings settings(
            List<Suite> suites, ChatConversation conversation, Workspace workspace, String rewardCode) {
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
                EvalSettings.firstPrompts(suites, conversation),
                reward,
                rewardCode);
    }

    private Dump.Contents existing(EvalSettings settings, RunListener listener) {
        if (output == null) {
            return Dump.Contents.EMPTY;
        }
        settings.claim(output);
        Dump.Contents existing = Dump.read(output.resolve(Dump.FILE), settings, Dump.Line::verdict);
        if (existing.problems() > 0) {
            listener.message("goes on after " + existing.problems() + " problems of " + output.resolve(Dump.FILE));
        }
        return existing;
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
        List<Score> existing = work.existing.of(suite.name(), temperature);
        var progress = new RunListener.Work(
                suite.name() + ", Avg@" + k,
                (long) k * existing.size(),
                (long) k * suite.problems().size());
        listener.began(progress);
        try {
            var counted = new CountedGenerator(generator, listener::answered);
            var evaluator = new Evaluator(
                    new Answering(counted, work.conversation, work.verifier),
                    work.model.config().maxPositions());
            return evaluator.evaluate(suite, sampling, existing, (problem, completions) -> {
                if (work.dump != null) {
                    work.dump.write(suite.name(), temperature, problem, completions);
                }
            });
        } finally {
            listener.ended(progress);
        }
    }
}
