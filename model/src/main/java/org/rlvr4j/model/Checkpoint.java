package org.rlvr4j.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Parameters;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/** Models as folders in Hugging Face layout. */
public final class Checkpoint {

    private static final long SHARD_BYTES = 4_000_000_000L;

    private Checkpoint() {}

    /** Reads a model's configuration alone. */
    public static QwenConfig config(Path folder) {
        return QwenConfig.load(folder);
    }

    /**
     * Reads a model. One that is not to be trained keeps matrices that are stored as bfloat16 as they are: they are half as
     * large, and computing with them gives the same bits as with the single-precision numbers they stand for.
     *
     * @param folder    with config.json and the weights
     * @param trainable whether gradients are to be held as well
     */
    public static Qwen2 load(Path folder, Workspace workspace, boolean trainable) {
        QwenConfig config = QwenConfig.load(folder);
        try (Safetensors file = Safetensors.open(folder)) {
            for (Parameters.Spec spec : config.weights()) { // before memory is taken
                file.require(spec.name(), shape(spec.name(), spec.shape()));
            }
            Qwen2 model = trainable
                    ? Qwen2.trainable(config, workspace)
                    : Qwen2.frozen(config, workspace, matrices(file, config, workspace.type()));
            read(file, model.parameters().tensors());
            return model;
        }
    }

    /** What the matrices of a model in a folder are kept as if it is not to be trained. */
    public static DType matrices(Path folder) {
        try (Safetensors file = Safetensors.open(folder)) {
            return matrices(file, QwenConfig.load(folder), DType.F32);
        }
    }

    private static DType matrices(Safetensors file, QwenConfig config, DType type) {
        boolean halved = type == DType.F32
                && config.weights().stream()
                        .filter(Parameters.Spec::panels)
                        .allMatch(spec -> file.entry(spec.name()).dtype() == Safetensors.Dtype.BF16);
        return halved ? DType.BF16 : type;
    }

    /**
     * Replaces numbers by those of a file.
     *
     * @param folderOrFile with the weights of a model, or with other numbers by the weights' names, such as moments
     * @param into         a model's weights by name, or tensors alike
     */
    public static void read(Path folderOrFile, Map<String, Tensor> into) {
        try (Safetensors file = Safetensors.open(folderOrFile)) {
            into.forEach((name, tensor) -> file.require(name, shape(name, tensor.shape())));
            read(file, into);
        }
    }

    /** Replaces what is learned of a model by what {@link #save} or {@link Adapters#save} wrote to a folder. */
    public static void restore(Path folder, Qwen2 model) {
        if (model.lora().isPresent()) {
            Adapters.read(folder, model);
        } else {
            read(folder, model.parameters().tensors());
        }
    }

    /** Writes weights, and the configuration that says what they are; the folder must not hold weights yet. */
    public static void save(Qwen2 model, Path folder, Safetensors.Dtype dtype) {
        save(model, folder, dtype, SHARD_BYTES);
    }

    /** The same in files of at most {@code shardBytes}, or one tensor. */
    public static void save(Qwen2 model, Path folder, Safetensors.Dtype dtype, long shardBytes) {
        model.config().write(folder, dtype);
        new SafetensorsWriter(dtype).writeModel(folder, items(model.parameters().tensors()), shardBytes);
    }

    /** Writes numbers by the weights' names, such as moments, to a new file in single precision. */
    public static void write(Path file, Map<String, Tensor> tensors) {
        new SafetensorsWriter(Safetensors.Dtype.F32).write(file, items(tensors));
    }

    private static List<SafetensorsWriter.Item> items(Map<String, Tensor> tensors) {
        var items = new ArrayList<SafetensorsWriter.Item>();
        tensors.forEach((name, tensor) -> {
            List<Long> shape = boxed(shape(name, tensor.shape()));
            items.add(new SafetensorsWriter.Item(name, shape, (from, into) -> write(name, tensor, from, into)));
        });
        return items;
    }

    private static void read(Safetensors file, Map<String, Tensor> into) {
        into.forEach((name, tensor) -> {
            read(file, name, tensor.shape(), tensor.data());
            file.unload(name);
        });
    }

    /** Reads one tensor into a weight's place in memory; biases and norms are vectors in a file. */
    static void read(Safetensors file, String name, Shape shape, Buffer into) {
        boolean panels = QwenConfig.isMatrix(name);
        int K = shape.cols();
        var row = new float[panels ? K : shape.rows()];
        for (int n = 0; n < (panels ? shape.rows() : 1); n++) {
            file.read(name, (long) n * K, row);
            for (int k = 0; k < row.length; k++) {
                into.set(panels ? Panels.index(n, k, K, into.type()) : k, row[k]);
            }
        }
    }

    private static void write(String name, Tensor tensor, long from, float[] into) {
        int K = tensor.cols();
        for (int i = 0; i < into.length; i++) {
            long at = from + i;
            long index = QwenConfig.isMatrix(name)
                    ? Panels.index(
                            (int) (at / K), (int) (at % K), K, tensor.data().type())
                    : at;
            into[i] = (float) tensor.get(index);
        }
    }

    private static long[] shape(String name, Shape shape) {
        return QwenConfig.isMatrix(name) ? new long[] {shape.rows(), shape.cols()} : new long[] {shape.rows()};
    }

    private static List<Long> boxed(long[] shape) {
        return Arrays.stream(shape).boxed().toList();
    }
}
