package org.rlvr4j.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.rl.LocalLearner;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.Rollout;
import org.rlvr4j.rl.SupervisedTrainer;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.rl.TrainerSettings;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Measured work of whole models: training, decoding, and a step of reinforcement learning. */
final class ModelWork {

    private static final int ORDINARY_TOKENS = 1000; // prompts are drawn from the first ids of the vocabulary
    private static final double MAX_GRAD_NORM = 1;

    private final Meter meter;
    private final VectorBackend backend;
    private final SplittableRandom random = new SplittableRandom(1);

    ModelWork(Meter meter) {
        this.meter = meter;
        this.backend = new VectorBackend(meter.threads());
    }

    /**
     * Seconds of a training step over {@code sequences} sequences of {@code length} tokens: forward, backward, clipping
     * and AdamW.
     */
    DoubleSupplier train(Path folder, int sequences, int length) {
        int totalTokens = sequences * length;
        var load = new MemoryPlan.Load(totalTokens, totalTokens, false, false, List.of(), List.of());
        long activations = MemoryPlan.of(Checkpoint.config(folder), load).activations();
        Decoder model = Checkpoint.load(folder, new Workspace(backend, DType.F32, false, activations), true);
        var trainer = new SupervisedTrainer(
                model, LearningRate.constant(1e-6, 0, false), AdamW.withDecay(0.01), MAX_GRAD_NORM);
        var batch = new ArrayList<Completion>();
        for (int s = 0; s < sequences; s++) {
            int[] tokens = tokens(length - 1);
            batch.add(new Completion(new Prompt(s, tokens(1)), 0, tokens, new float[tokens.length], false));
        }
        return () -> meter.seconds(() -> trainer.step(batch));
    }

    /**
     * Seconds of generating {@code sequences} sequences at once, sampled at temperature 1, none of which ends early.
     */
    DoubleSupplier decode(Path folder, int sequences, int promptTokens, int newTokens) {
        BatchGenerator generator = endlessGenerator(folder, sequences);
        List<Prompt> prompts = prompts(sequences, promptTokens);
        return () -> meter.seconds(() -> generator.generate(prompts, Sampling.plain(1, newTokens, 1)));
    }

    /** Seconds of generating the tokens of one greedy sequence after its first: without the prompt. */
    DoubleSupplier stream(Path folder, int promptTokens, int newTokens) {
        BatchGenerator generator = endlessGenerator(folder, 1);
        List<Prompt> prompts = prompts(1, promptTokens);
        return () -> meter.seconds(() -> generator.generate(prompts, Sampling.greedy(1 + newTokens)))
                - meter.seconds(() -> generator.generate(prompts, Sampling.greedy(1)));
    }

    /** Seconds of a step of GRPO on {@link TinyTask}: rollout, reward and updates. */
    DoubleSupplier grpo() {
        Decoder policy = Decoder.random(TinyTask.CONFIG, new Workspace(backend, DType.F32), 0);
        var generator = new BatchGenerator(policy, TinyTask.PROMPTS * TinyTask.GROUP);
        var answering = new Answering(generator, TinyTask.CONVERSATION, new Grader());
        var sizes = new TrainerSettings(
                TinyTask.PROMPTS,
                TinyTask.GROUP,
                TinyTask.UPDATES,
                TinyTask.MICRO_BATCH_TOKENS,
                TinyTask.NEW_TOKENS,
                1,
                0,
                1,
                LearningRate.constant(1e-4, 0, false),
                AdamW.withDecay(0),
                MAX_GRAD_NORM,
                0,
                1);
        return grpo(policy, answering, TinyTask.problems(), sizes);
    }

    /** Seconds of a step of GRPO on {@link PretrainedTask}, all of whose responses have the greatest length. */
    DoubleSupplier pretrainedGrpo(Path folder) {
        int microBatch = PretrainedTask.MICRO_BATCH_TOKENS;
        var load = new MemoryPlan.Load(microBatch, microBatch, false, false, List.of(), List.of());
        long activations = MemoryPlan.of(Checkpoint.config(folder), load).activations();
        Decoder policy = Checkpoint.load(folder, new Workspace(backend, DType.F32, false, activations), true);
        var generator = new BatchGenerator(policy, PretrainedTask.PROMPTS * PretrainedTask.GROUP, List.of());
        var answering = new Answering(generator, ChatConversation.load(folder), PretrainedTask.everySecond());
        var sizes = new TrainerSettings(
                PretrainedTask.PROMPTS,
                PretrainedTask.GROUP,
                PretrainedTask.UPDATES,
                microBatch,
                PretrainedTask.NEW_TOKENS,
                1,
                0,
                1,
                LearningRate.constant(1e-6, 0, false),
                AdamW.withDecay(0),
                MAX_GRAD_NORM,
                0,
                1);
        return grpo(policy, answering, PretrainedTask.problems(), sizes);
    }

    private DoubleSupplier grpo(Decoder policy, Answering answering, List<Problem> problems, TrainerSettings settings) {
        Method method = Method.Algorithm.GRPO.paper();
        var rollout = new Rollout(answering, new ProblemOrder(problems, 1), method);
        var learner = new LocalLearner(policy, null, method.loss(), settings.microBatchTokens(), 1);
        var trainer = new Trainer(policy, learner, rollout, method, settings, System::nanoTime);
        return () -> meter.seconds(trainer::step);
    }

    private BatchGenerator endlessGenerator(Path folder, int sequences) {
        var workspace = new Workspace(backend, DType.F32);
        return new BatchGenerator(Checkpoint.load(folder, workspace, false), sequences, List.of());
    }

    private List<Prompt> prompts(int count, int length) {
        var prompts = new ArrayList<Prompt>();
        for (int i = 0; i < count; i++) {
            prompts.add(new Prompt(i, tokens(length)));
        }
        return prompts;
    }

    private int[] tokens(int count) {
        return random.ints(count, 0, ORDINARY_TOKENS).toArray();
    }
}
