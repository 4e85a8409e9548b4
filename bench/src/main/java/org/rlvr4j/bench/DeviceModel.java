package org.rlvr4j.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.rl.SupervisedTrainer;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Parameters;
import org.rlvr4j.tensor.Workspace;

/**
 * Rows of {@link DeviceFigures} that measure whole models of random weights.
 *
 * @param figures where the rows go
 * @param backend backend that computes
 * @param config  shape of the model
 */
record DeviceModel(Figures figures, Backend backend, ModelConfig config) {

    private static final int PROMPT = 32; // tokens
    private static final int ORDINARY_TOKENS = 500; // prompts are drawn from the first ids of the vocabulary
    private static final double DEVIATION = 0.035; // uniform numbers up to it have the usual deviation of 0.02

    /** Model with the widths of Qwen2.5-0.5B, or in a quick run with a few small layers. */
    static DeviceModel of(Figures figures, Backend backend, int layers, int vocabulary) {
        boolean quick = figures.isQuick();
        return new DeviceModel(
                figures,
                backend,
                new ModelConfig(
                        ModelConfig.Family.QWEN2,
                        quick ? 64 : 896,
                        quick ? 128 : 4864,
                        quick ? 2 : layers,
                        quick ? 4 : 14,
                        2,
                        quick ? 16 : 64,
                        1e-6,
                        1e6,
                        quick ? 512 : vocabulary,
                        true,
                        4096,
                        List.of(),
                        null,
                        null));
    }

    private String name(String work) {
        return work + "-" + config.layers() + "-layers";
    }

    /** Tokens per second of sequences that are sampled together, none of which ends early. */
    void decode(int sequences, int newTokens) {
        String name = name("decode") + "-" + sequences + "x" + newTokens;
        var call = new MemoryPlan.GeneratorCall(sequences, sequences, PROMPT, newTokens);
        var plan = MemoryPlan.of(config, DType.F32, call);
        figures.row(name, tensors(plan), 2e-9 * weights() * sequences * newTokens, () -> {
            try (var workspace = new Workspace(backend, DType.F32);
                    Decoder model = Decoder.frozen(config, workspace)) {
                Numbers.fill(model.parameters().weights(), DEVIATION, 1);
                figures.print(name, sequences * newTokens / generation(model, sequences, newTokens), "tokens/s");
            }
        });
    }

    /** Microseconds, launches and bytes of a token of one sequence. */
    void token(int newTokens) {
        String name = name("token");
        var plan = MemoryPlan.of(config, DType.F32, new MemoryPlan.GeneratorCall(1, 1, PROMPT, newTokens));
        figures.row(name, tensors(plan), 0, () -> {
            try (var workspace = new Workspace(backend, DType.F32);
                    Decoder model = Decoder.frozen(config, workspace)) {
                Numbers.fill(model.parameters().weights(), DEVIATION, 1);
                figures.print(name, 1e6 * generation(model, 1, newTokens) / newTokens, "us");
                Map<String, Long> before = backend.traffic();
                generate(model, 1, newTokens);
                printTraffic(name, before, newTokens);
            }
        });
    }

    private double generation(Decoder model, int sequences, int newTokens) {
        return figures.seconds(
                () -> generate(model, sequences, 2), () -> generate(model, sequences, newTokens), () -> {});
    }

    private static void generate(Decoder model, int sequences, int newTokens) {
        var random = new SplittableRandom(1);
        var prompts = new ArrayList<Prompt>();
        for (int i = 0; i < sequences; i++) {
            prompts.add(new Prompt(i, random.ints(PROMPT, 0, ORDINARY_TOKENS).toArray()));
        }
        try (var generator = new BatchGenerator(model, sequences, List.of())) {
            generator.generate(prompts, Sampling.plain(1, newTokens, 1));
        }
    }

    /** Tokens per second of a step of supervised learning, its bytes, and the memory of its tensors. */
    void train(int sequences, int length) {
        String name = name("train") + "-" + sequences + "x" + length;
        int tokens = sequences * length;
        var plan = MemoryPlan.of(config, new MemoryPlan.Load(tokens, tokens, true, false, List.of(), List.of()));
        figures.row(
                name,
                tensors(plan),
                8e-9 * weights() * tokens,
                () -> { // forward, again, and twice that backward
                    try (var workspace = new Workspace(backend, DType.F32, true);
                            Decoder model = Decoder.trainable(config, workspace);
                            var trainer = new SupervisedTrainer(
                                    model, LearningRate.constant(1e-6, 0, false), AdamW.withDecay(0.01), 1)) {
                        Numbers.fill(model.parameters().weights(), DEVIATION, 1);
                        List<Completion> batch = batch(sequences, length);
                        double time = figures.seconds(() -> trainer.step(batch), () -> trainer.step(batch), () -> {});
                        figures.print(name, tokens / time, "tokens/s");
                        Map<String, Long> before = backend.traffic();
                        trainer.step(batch);
                        printTraffic(name, before, 1);
                        double bytes = 4.0 * Float.BYTES * model.parameters().count() + workspace.peak();
                        figures.print(name + "-memory", 1e-9 * bytes, "GB");
                    }
                });
    }

    private static List<Completion> batch(int sequences, int length) {
        var random = new SplittableRandom(1);
        var batch = new ArrayList<Completion>();
        for (int s = 0; s < sequences; s++) {
            var prompt = new Prompt(s, random.ints(1, 0, ORDINARY_TOKENS).toArray());
            int[] tokens = random.ints(length - 1, 0, ORDINARY_TOKENS).toArray();
            batch.add(new Completion(prompt, 0, tokens, new float[tokens.length], false));
        }
        return batch;
    }

    private void printTraffic(String name, Map<String, Long> before, double count) {
        backend.traffic()
                .forEach((metric, value) ->
                        figures.print(name + "-" + metric, (value - before.getOrDefault(metric, 0L)) / count, "each"));
    }

    private long weights() {
        return config.weights().stream().mapToLong(Parameters.Spec::size).sum();
    }

    private static double tensors(MemoryPlan plan) {
        return plan.total() - plan.runtime();
    }
}
