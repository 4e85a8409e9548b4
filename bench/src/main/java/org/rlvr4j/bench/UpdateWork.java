package org.rlvr4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.rl.Batch;
import org.rlvr4j.rl.LocalLearner;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.gate.Draws;
import org.rlvr4j.rl.weight.Weight;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/**
 * Measured work of an update of GRPO from groups of responses, on a model of SmolLM2-135M's shape with random weights: a
 * forward and backward pass over every group, with prompts computed once or repeated before each response.
 *
 * @param groups    number of groups of one update
 * @param size      number of responses of a group
 * @param prompt    tokens of a prompt
 * @param response  tokens of a response
 * @param isShared  whether prompts are computed once
 */
record UpdateWork(int groups, int size, int prompt, int response, boolean isShared) {

    private static final int MICRO_BATCH_TOKENS = 4096;
    private static final int VOCABULARY = 49_152;
    private static final ModelConfig CONFIG = new ModelConfig(
            ModelConfig.Family.QWEN2,
            576,
            1536,
            30,
            9,
            3,
            64,
            1e-5,
            10_000,
            VOCABULARY,
            true,
            2048,
            List.of(0),
            null,
            null);

    /** Seconds of an update. */
    DoubleSupplier seconds(Meter meter) {
        Decoder policy = Decoder.random(CONFIG, new Workspace(new VectorBackend(meter.threads()), DType.F32), 1);
        Method method = Method.Algorithm.GRPO.paper();
        var learner = new LocalLearner(policy, null, method.loss(), MICRO_BATCH_TOKENS, 1, isShared, 1);
        Batch batch = batch();
        double[] weights = method.weight().of(batch.responses(), Weight.Totals.of(batch.responses(), response));
        return () -> meter.seconds(() -> learner.learn(batch, weights, new Draws(1)));
    }

    /** Half of the responses of each group are right. */
    private Batch batch() {
        var random = new SplittableRandom(1);
        var completions = new ArrayList<Completion>();
        double[] advantages = new double[groups * size];
        for (int g = 0; g < groups; g++) {
            var asked = new Prompt(g, random.ints(prompt, 0, VOCABULARY).toArray());
            for (int i = 0; i < size; i++) {
                float[] logProbs = new float[response];
                Arrays.fill(logProbs, (float) -Math.log(VOCABULARY));
                advantages[completions.size()] = i % 2 == 0 ? 1 : -1;
                completions.add(new Completion(
                        asked, i, random.ints(response, 0, VOCABULARY).toArray(), logProbs, false));
            }
        }
        return new Batch(completions, advantages);
    }
}
