package org.rlvr4j.model.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.QwenConfig;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Layout;
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
        return ConfigFile.read(folder);
    }

    /**
     * Reads a model. One that is not to be trained keeps matrices that are stored as bfloat16 as they are: they are half as
     * large, and computing with them gives the same bits as with the single-precision numbers they stand for.
     *
     * @param folder    with config.json and the weights
     * @param trainable whether gradients are to be held as well
     */
    public static Qwen2 load(Path folder, Workspace workspace, boolean trainable) {
        QwenConfig config = ConfigFile.read(folder);
        try (Safetensors file = Safetensors.open(folder)) {
            for (Parameters.Spec spec : config.weights()) { // before memory is taken
                file.require(spec.name(), shape(spec.shape(), spec.kind().layout()));
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
            return matrices(file, ConfigFile.read(folder), DType.F32);
        }
    }

    private static DType matrices(Safetensors file, QwenConfig config, DType type) {
        boolean halved = type == DType.F32
                && config.weights().stream()
                        .filter(Parameters.Spec::isMatrix)
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
            into.forEach((name, tensor) -> file.require(name, shape(tensor.shape(), tensor.layout())));
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
        ConfigFile.write(model.config(), folder, dtype);
        new SafetensorsWriter(dtype).writeModel(folder, items(model.parameters().tensors()), shardBytes);
    }

    /** Writes numbers by the weights' names, such as moments, to a new file in single precision. */
    public static void write(Path file, Map<String, Tensor> tensors) {
        new SafetensorsWriter(Safetensors.Dtype.F32).write(file, items(tensors));
    }

    private static List<SafetensorsWriter.Item> items(Map<String, Tensor> tensors) {
        var items = new ArrayList<SafetensorsWriter.Item>();
        tensors.forEach((name, tensor) -> {
            List<Long> shape = boxed(shape(tensor.shape(), tensor.layout()));
            items.add(new SafetensorsWriter.Item(name, shape, (from, into) -> write(tensor, from, into)));
        });
        return items;
    }

    private static void read(Safetensors file, Map<String, Tensor> into) {
        into.forEach((name, tensor) -> {
            read(file, name, tensor);
            file.unload(name);
        });
    }

    static void read(Safetensors file, String name, Tensor into) {
        Buffer data = into.data();
        var row = new float[rowLength(into)];
        for (int n = 0; n < into.shape().size() / row.length; n++) {
            file.read(name, (long) n * row.length, row);
            for (int k = 0; k < row.length; k++) {
                data.set(index(into, (long) n * row.length + k), row[k]);
            }
        }
    }

    private static void write(Tensor tensor, long from, float[] into) {
        for (int i = 0; i < into.length; i++) {
            into[i] = (float) tensor.get(index(tensor, from + i));
        }
    }

    /** Biases and norms, which are one column, are read at once. */
    private static int rowLength(Tensor tensor) {
        return tensor.layout() == Layout.PANELS ? tensor.cols() : tensor.rows();
    }

    /** Place of a tensor's element in memory, given its place in a file. */
    private static long index(Tensor tensor, long i) {
        return tensor.index((int) (i / tensor.cols()), (int) (i % tensor.cols()));
    }

    /** As files have it: biases and norms are vectors there. */
    private static long[] shape(Shape shape, Layout layout) {
        return layout == Layout.PANELS ? new long[] {shape.rows(), shape.cols()} : new long[] {shape.rows()};
    }

    private static List<Long> boxed(long[] shape) {
        return Arrays.stream(shape).boxed().toList();
    }
}
