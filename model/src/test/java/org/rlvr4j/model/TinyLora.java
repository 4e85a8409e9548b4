package org.rlvr4j.model;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** A small model with adapters, for tests of both. */
public final class TinyLora {

    public static final List<String> ALL =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");
    public static final Lora LORA = new Lora(3, 5, ALL, 1);

    private static final int VOCABULARY = 40;

    private TinyLora() {}

    /** A checkpoint of random weights in a new folder of the one that is given. */
    public static Path checkpoint(Path folder, Safetensors.Dtype dtype) throws IOException {
        Path base = Files.createDirectories(folder.resolve("base"));
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Decoder.random(config(ModelConfig.Family.QWEN3, 32), workspace, 3)) {
            Checkpoint.save(model, base, dtype);
        }
        return base;
    }

    /** Gives every B, which is zero, random numbers. */
    public static Decoder filled(Decoder model) {
        var random = new SplittableRandom(7);
        for (Map.Entry<String, Tensor> weight : model.parameters().tensors().entrySet()) {
            Tensor tensor = weight.getValue();
            for (int n = 0; weight.getKey().contains("lora_B") && n < tensor.rows(); n++) {
                for (int k = 0; k < tensor.cols(); k++) {
                    tensor.data().set(Panels.index(n, k, tensor.cols()), random.nextDouble(-0.3, 0.3));
                }
            }
        }
        return model;
    }

    public static List<Double> numbers(Tensor tensor) {
        return IntStream.range(0, Math.toIntExact(tensor.shape().size()))
                .mapToObj(tensor::get)
                .toList();
    }

    public static List<Byte> bytes(Buffer buffer) {
        byte[] bytes = buffer.segment().toArray(ValueLayout.JAVA_BYTE);
        return IntStream.range(0, bytes.length).mapToObj(i -> bytes[i]).toList();
    }

    /** Of 64 tokens in two sequences. */
    public static Tensor logProb(Decoder model, long seed) {
        int[] tokens = new SplittableRandom(seed).ints(64, 0, VOCABULARY).toArray();
        int[] rows = IntStream.concat(IntStream.range(5, 40), IntStream.range(45, 63))
                .toArray();
        return model.logProb(tokens, rows, Segments.ofLengths(41, 23), 1);
    }

    /** A model with all that its family may have. */
    public static ModelConfig config(ModelConfig.Family family, int hiddenSize) {
        var config = new ModelConfig(
                family,
                hiddenSize,
                hiddenSize * 3 / 2,
                2,
                2,
                1,
                hiddenSize / 2,
                1e-6,
                10_000,
                VOCABULARY,
                true,
                64,
                List.of(0),
                null,
                null);
        return family == ModelConfig.Family.LLAMA
                ? config.with(family.variant(true, true, new RopeScaling.Yarn(4, 16, 0.5, 32, 1, true)))
                : config;
    }
}
