package org.rlvr4j.rl;

import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.data.SumProblems;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Generator;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/** A backend, and a small model on it to be trained: what the trainer is tested by. */
final class TrainerRun implements AutoCloseable {

    /** Micro-batch tokens that no mini-batch has. */
    static final int WHOLE = 1_000_000;

    private static final String ALPHABET = "0123456789+=;x"; // the last is the stop token
    private static final int STOP = ALPHABET.length() - 1;

    private final VectorBackend backend;
    final Workspace workspace;
    final Decoder model;
    private final BatchGenerator generator;

    TrainerRun(int threads) {
        this(threads, false);
    }

    TrainerRun(int threads, boolean recompute) {
        this(threads, recompute, null);
    }

    TrainerRun(int threads, boolean recompute, @Nullable Lora lora) {
        this.backend = new VectorBackend(threads);
        this.workspace = new Workspace(backend, DType.F32, recompute);
        this.model = lora == null ? model(workspace) : frozen(workspace).adapted(lora, true);
        this.generator = new BatchGenerator(model, 5);
    }

    Trainer trainer(Method method, TrainerSettings settings, @Nullable Decoder reference) {
        return trainer(answering(generator, TrainerRun::boxedByLuck), method, settings, reference);
    }

    /** Of the same model, with answers of another kind. */
    Trainer trainer(Answering answering, Method method, TrainerSettings settings, @Nullable Decoder reference) {
        var rollout = new Rollout(answering, new ProblemOrder(problemsWithAnswer("1"), 3), method);
        return new Trainer(model, learner(method, settings, reference), rollout, method, settings, () -> 0);
    }

    LocalLearner learner(Method method, TrainerSettings settings, @Nullable Decoder reference) {
        return new LocalLearner(model, reference, method.loss(), settings.microBatchTokens(), settings.temperature());
    }

    /** @param decode from a completion's tokens to text */
    static Answering answering(Generator generator, Function<int[], String> decode) {
        var conversation = new Conversation() {
            @Override
            public int[] prompt(Problem problem) {
                return encode(problem);
            }

            @Override
            public String text(int[] tokens) {
                return decode.apply(tokens);
            }
        };
        return new Answering(generator, conversation, new Grader());
    }

    @Override
    public void close() {
        generator.close();
        model.close();
        workspace.close();
        backend.close();
    }

    static TrainerSettings settings(int updatesPerStep, int microBatchTokens, double temperature) {
        return new TrainerSettings(
                4,
                4,
                updatesPerStep,
                microBatchTokens,
                12,
                temperature,
                0,
                1,
                LearningRate.constant(1e-2, 0, false),
                AdamW.withDecay(0.01),
                1,
                2,
                5);
    }

    private static Decoder model(Workspace workspace) {
        var config = new ModelConfig(
                ModelConfig.Family.QWEN2,
                16,
                24,
                2,
                2,
                1,
                8,
                1e-6,
                10_000,
                ALPHABET.length(),
                true,
                64,
                List.of(STOP),
                null,
                null);
        return Decoder.random(config, workspace, 4);
    }

    private static Decoder frozen(Workspace workspace) {
        try (Decoder model = model(workspace)) {
            Decoder frozen = Decoder.frozen(model.config(), workspace);
            frozen.parameters().weights().copyFrom(model.parameters().weights());
            return frozen;
        }
    }

    static List<Problem> problemsWithAnswer(String answer) {
        Collection<Problem> sums = SumProblems.STANDARD.generate(8, 1, List.of());
        return sums.stream()
                .map(sum -> new Problem(sum.id(), sum.source(), sum.prompt(), List.of(answer)))
                .toList();
    }

    static int[] encode(Problem problem) {
        return problem.prompt()
                .getFirst()
                .content()
                .chars()
                .map(ALPHABET::indexOf)
                .toArray();
    }

    /** An untrained model is right if its tokens add up to an odd number, and gives no answer if to a multiple of 5. */
    private static String boxedByLuck(int[] tokens) {
        int sum = 0;
        for (int token : tokens) {
            sum += token;
        }
        return sum % 5 == 0 ? "" : "\\boxed{" + sum % 2 + "}";
    }

    static Completion answer(Prompt prompt, int sample, boolean right) {
        return new Completion(prompt, sample, new int[] {right ? 1 : 0, STOP}, new float[] {-2.5f, -2.5f}, false);
    }

    /** All bits of the weights, as a digest. */
    static String weights(Decoder model) {
        byte[] bytes = model.parameters().weights().segment().toArray(ValueLayout.JAVA_BYTE);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
