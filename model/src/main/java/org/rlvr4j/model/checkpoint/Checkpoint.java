package org.rlvr4j.model.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Layout;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Parameters;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/** Reader and writer of checkpoints: model folders in Hugging Face layout. */
public final class Checkpoint {

    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String OUTPUT = "lm_head.weight";
    private static final Pattern LAYER_WEIGHT = Pattern.compile("model\\.layers\\.(?<layer>\\d+)\\..+\\.(weight|bias)");
    private static final long SHARD_BYTES = 4_000_000_000L;

    private Checkpoint() {}

    /**
     * Reads a model's configuration alone.
     *
     * @param folder folder with config.json
     */
    public static ModelConfig config(Path folder) {
        return ConfigFile.read(folder);
    }

    /**
     * Loads a model. If it is not trainable, matrices stored as bfloat16 stay bfloat16: they are half as large, and
     * computing with them gives the same bits as with their values in single precision.
     *
     * @param folder    folder with config.json and the weights
     * @param workspace workspace that computes with the model
     * @param trainable whether the model holds gradients
     */
    public static Decoder load(Path folder, Workspace workspace, boolean trainable) {
        return load(
                folder,
                (config, file) -> trainable
                        ? Decoder.trainable(config, workspace)
                        : Decoder.frozen(config, workspace, matrixType(file, config, workspace.type())));
    }

    /** Loads a model that is not trainable, with all its weights in the type of the workspace. */
    static Decoder loadSingle(Path folder, Workspace workspace) {
        return load(folder, (config, _) -> Decoder.frozen(config, workspace));
    }

    private static Decoder load(Path folder, BiFunction<ModelConfig, Safetensors, Decoder> empty) {
        ModelConfig config = ConfigFile.read(folder);
        try (Safetensors file = Safetensors.open(folder)) {
            requireWeights(file, config, folder); // before memory is taken
            Decoder model = empty.apply(config, file);
            read(file, model.parameters().tensors());
            return model;
        }
    }

    /**
     * Checks a folder as it is checked when it is loaded, without loading it.
     *
     * @param folder folder of the checkpoint
     * @throws IllegalArgumentException if the configuration and the weights do not match, or a file contradicts itself
     * @throws java.io.UncheckedIOException if a file cannot be read
     */
    public static void require(Path folder) {
        ModelConfig config = ConfigFile.read(folder);
        try (Safetensors file = Safetensors.open(folder)) {
            requireWeights(file, config, folder);
        }
    }

    private static void requireWeights(Safetensors file, ModelConfig config, Path folder) {
        tie(file, config, folder);
        for (Parameters.Spec spec : config.weights()) {
            file.require(spec.name(), shape(spec.shape(), spec.kind().layout()));
        }
        requireNoOthers(file, config, folder);
    }

    /** Refuses a weight of a layer that the configuration has no place for: the model was trained with it. */
    private static void requireNoOthers(Safetensors file, ModelConfig config, Path folder) {
        Set<String> known = config.weights().stream().map(Parameters.Spec::name).collect(Collectors.toSet());
        for (String name : file.names()) {
            Matcher weight = LAYER_WEIGHT.matcher(name);
            if (weight.matches() && !known.contains(name) && isBelow(weight.group("layer"), config.layers())) {
                String remedy = name.endsWith(".bias")
                        ? "set " + (name.contains(".mlp.") ? "mlp_bias" : "attention_bias")
                                + " to true if the family of the model has it"
                        : "set model_type to the family that has it";
                throw new IllegalArgumentException(folder.resolve("config.json") + " has no place for " + name
                        + " of the weights: " + remedy + ", or remove it from the weights");
            }
        }
    }

    private static boolean isBelow(String layer, int layers) {
        return layer.length() <= String.valueOf(layers).length() && Integer.parseInt(layer) < layers;
    }

    /**
     * Element type that the matrices of a folder's model have in memory if it is not trainable.
     *
     * @param folder folder of the checkpoint
     */
    public static DType matrixType(Path folder) {
        try (Safetensors file = Safetensors.open(folder)) {
            ModelConfig config = ConfigFile.read(folder);
            tie(file, config, folder);
            return matrixType(file, config, DType.F32);
        }
    }

    /**
     * Whether all weights of a folder's model are stored as bfloat16.
     *
     * @param folder folder of the checkpoint
     */
    public static boolean isBfloat16(Path folder) {
        try (Safetensors file = Safetensors.open(folder)) {
            ModelConfig config = ConfigFile.read(folder);
            tie(file, config, folder);
            return config.weights().stream()
                    .allMatch(spec -> file.entry(spec.name()).dtype() == Safetensors.Dtype.BF16);
        }
    }

    /**
     * Takes the output matrix as the embedding of a tied model that is stored without one.
     *
     * @throws IllegalArgumentException if a tied model would leave out an output matrix that is not the embedding
     */
    private static void tie(Safetensors file, ModelConfig config, Path folder) {
        if (!config.tiedEmbeddings() || !file.names().contains(OUTPUT)) {
            return;
        }
        if (!file.names().contains(EMBEDDING)) {
            file.alias(OUTPUT, EMBEDDING);
        } else if (!file.isEqual(OUTPUT, EMBEDDING)) {
            throw new IllegalArgumentException(folder.resolve("config.json") + " says tie_word_embeddings true, but "
                    + OUTPUT + " of the weights differs from " + EMBEDDING
                    + ": set tie_word_embeddings to false to use it, as Transformers does, or remove it");
        }
    }

    private static DType matrixType(Safetensors file, ModelConfig config, DType type) {
        boolean allBfloat16 = type == DType.F32
                && config.weights().stream()
                        .filter(Parameters.Spec::isMatrix)
                        .allMatch(spec -> file.entry(spec.name()).dtype() == Safetensors.Dtype.BF16);
        return allBfloat16 ? DType.BF16 : type;
    }

    /**
     * Fills tensors from a file.
     *
     * @param folderOrFile model folder or safetensors file with weights, or with moments by the names of the weights
     * @param tensors      tensors to fill by name, such as a model's weights
     */
    public static void read(Path folderOrFile, Map<String, Tensor> tensors) {
        try (Safetensors file = Safetensors.open(folderOrFile)) {
            tensors.forEach((name, tensor) -> file.require(name, shape(tensor.shape(), tensor.layout())));
            read(file, tensors);
        }
    }

    /**
     * Replaces a model's learned parameters by those of a folder: a checkpoint, or adapters if the model has some.
     *
     * @param folder folder of the checkpoint or the adapters
     * @param model  model of the same shape
     */
    public static void restore(Path folder, Decoder model) {
        if (model.lora().isPresent()) {
            Adapters.read(folder, model);
        } else {
            try (Safetensors file = Safetensors.open(folder)) {
                requireWeights(file, model.config(), folder);
                read(file, model.parameters().tensors());
            }
        }
    }

    /**
     * Writes a model's weights and configuration; the folder must not hold weights yet.
     *
     * @param model  model to write
     * @param folder folder to write to
     * @param dtype  element type to write, F32 or BF16
     */
    public static void save(Decoder model, Path folder, Safetensors.Dtype dtype) {
        save(model, folder, dtype, SHARD_BYTES);
    }

    /**
     * Writes a model's configuration, and its weights in files of at most {@code shardBytes} or one tensor.
     *
     * @param model      model to write
     * @param folder     folder to write to
     * @param dtype      element type to write, F32 or BF16
     * @param shardBytes most bytes of a file, unless one tensor has more
     */
    public static void save(Decoder model, Path folder, Safetensors.Dtype dtype, long shardBytes) {
        var writer = new SafetensorsWriter(dtype); // refuses a type before anything is written
        ConfigFile.write(model.config(), folder, dtype);
        writer.writeModel(folder, items(model.parameters().tensors()), shardBytes);
    }

    /**
     * Writes tensors by name, such as weights or moments, to a new file in single precision.
     *
     * @param file    file to write
     * @param tensors tensors by their names
     */
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

    private static void read(Safetensors file, Map<String, Tensor> tensors) {
        tensors.forEach((name, tensor) -> {
            read(file, name, tensor);
            file.unload(name);
        });
    }

    static void read(Safetensors file, String name, Tensor tensor) {
        switch (tensor.layout()) {
            case ROWS -> readRows(file, name, tensor);
            case PANELS -> readPanels(file, name, tensor);
        }
    }

    private static void readRows(Safetensors file, String name, Tensor tensor) {
        var values = new float[tensor.rows()];
        for (long from = 0; from < tensor.shape().size(); from += values.length) {
            file.read(name, from, values);
            tensor.data().set(from, values);
        }
    }

    /** Puts a panel together on the heap, as storing each number by itself outside it takes several times as long. */
    private static void readPanels(Safetensors file, String name, Tensor tensor) {
        Buffer data = tensor.data();
        int K = tensor.cols();
        var row = new float[K];
        var panel = new float[Panels.WIDTH * K];
        for (int first = 0; first < tensor.rows(); first += Panels.WIDTH) {
            Arrays.fill(panel, 0);
            for (int n = 0; n < Math.min(Panels.WIDTH, tensor.rows() - first); n++) {
                file.read(name, (long) (first + n) * K, row);
                int start = (int) Panels.index(n, 0, K, data.type());
                for (int k = 0; k < K; k++) {
                    panel[start + k * Panels.WIDTH] = row[k];
                }
            }
            data.set(Panels.index(first, 0, K), panel);
        }
    }

    private static void write(Tensor tensor, long from, float[] into) {
        for (int i = 0; i < into.length; i++) {
            into[i] = (float) tensor.get(index(tensor, from + i));
        }
    }

    /** Index of a tensor's element in memory, given its index in a file. */
    private static long index(Tensor tensor, long i) {
        return tensor.index((int) (i / tensor.cols()), (int) (i % tensor.cols()));
    }

    /** Shape of a tensor in files, where biases and norms are vectors. */
    private static long[] shape(Shape shape, Layout layout) {
        return layout == Layout.PANELS ? new long[] {shape.rows(), shape.cols()} : new long[] {shape.rows()};
    }

    private static List<Long> boxed(long[] shape) {
        return Arrays.stream(shape).boxed().toList();
    }
}
