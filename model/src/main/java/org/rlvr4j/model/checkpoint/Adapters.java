package org.rlvr4j.model.checkpoint;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Json;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.Projection;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Layout;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reader and writer of adapters: folders in PEFT's layout that hold no more than the adapters. */
public final class Adapters {

    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String PREFIX = "base_model.model.";

    /**
     * Settings that {@link Lora} does not support unless null, false or empty. Other kinds show in the weights' names or
     * shapes. Dropout belongs to the training of the adapters, not to what they compute.
     */
    private static final List<String> UNSUPPORTED = List.of(
            "use_dora",
            "use_rslora",
            "use_qalora",
            "fan_in_fan_out",
            "rank_pattern",
            "alpha_pattern",
            "modules_to_save",
            "layers_to_transform",
            "alora_invocation_tokens");

    private Adapters() {}

    /**
     * Loads a checkpoint with new adapters to train; its own weights are frozen, and keep their stored type.
     *
     * @param base      folder of the checkpoint
     * @param workspace workspace that computes with the model
     * @param lora      settings of the adapters
     */
    public static Decoder create(Path base, Workspace workspace, Lora lora) {
        return Checkpoint.load(base, workspace, false).adapted(lora, true);
    }

    /**
     * Loads a checkpoint with the adapters of a folder; none of it is trainable.
     *
     * @param base      folder of the checkpoint
     * @param folder    folder of the adapters
     * @param workspace workspace that computes with the model
     */
    public static Decoder load(Path base, Path folder, Workspace workspace) {
        Lora lora = checkedConfig(base, folder);
        Decoder model = Checkpoint.load(base, workspace, false).adapted(lora, false);
        read(folder, model);
        return model;
    }

    /**
     * Loads a checkpoint in single precision and adds the adapters of a folder to its matrices.
     *
     * @param base      folder of the checkpoint
     * @param folder    folder of the adapters
     * @param workspace workspace that computes with the model
     */
    public static Decoder merged(Path base, Path folder, Workspace workspace) {
        Lora lora = checkedConfig(base, folder);
        Decoder merged = Checkpoint.loadSingle(base, workspace);
        Decoder model = merged.adapted(lora, false);
        read(folder, model);
        merged.parameters().tensors().forEach((name, weight) -> {
            if (lora.adapts(name) && weight.layout() == Layout.PANELS) {
                merge(weight, lora.adapter(name, model.parameters()));
                workspace.release();
            }
        });
        model.parameters().close();
        return merged;
    }

    /** Settings of a folder's adapters, checked against its weights before memory is taken for them. */
    private static Lora checkedConfig(Path base, Path folder) {
        Lora lora = config(folder);
        try (Safetensors weights = Safetensors.open(folder.resolve(WEIGHTS))) {
            lora.specs(ConfigFile.read(base))
                    .forEach(spec -> weights.require(
                            PREFIX + spec.name(),
                            spec.shape().rows(),
                            spec.shape().cols()));
        }
        return lora;
    }

    /** Computes {@code W += scale * B A}, with the kernel that adds up the weight gradient of a linear layer. */
    private static void merge(Tensor weight, Projection.Adapter adapter) {
        int rank = adapter.a().rows();
        int K = weight.cols();
        int N = weight.rows();
        Workspace workspace = weight.workspace();
        Buffer a = workspace.allocate((long) rank * K);
        Buffer b = workspace.allocate((long) rank * N);
        for (int r = 0; r < rank; r++) {
            for (int k = 0; k < K; k++) {
                a.set((long) r * K + k, adapter.a().get(adapter.a().index(r, k)));
            }
            for (int n = 0; n < N; n++) {
                b.set(
                        (long) r * N + n,
                        adapter.scale() * adapter.b().get(adapter.b().index(n, r)));
            }
        }
        workspace.backend().linearBackwardWeight(b, a, new Accumulator(weight.data(), true), rank, K, N);
    }

    /**
     * Writes a model's adapters, without the model, to a folder that holds no adapters yet.
     *
     * @param model  model with adapters
     * @param folder folder of the adapters
     * @param base   folder of the checkpoint that the adapters belong to
     */
    public static void save(Decoder model, Path folder, Path base) {
        Lora lora = model.lora().orElseThrow(() -> new IllegalArgumentException("the model has no adapters"));
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("peft_type", "LORA");
        json.put("task_type", "CAUSAL_LM");
        json.put("base_model_name_or_path", base.toString());
        json.put("r", lora.rank());
        json.put("lora_alpha", lora.alpha());
        json.put("lora_dropout", 0.0);
        json.put("bias", "none");
        json.put("inference_mode", true);
        lora.targets().forEach(json.putArray("target_modules")::add);
        Json.write(folder.resolve(CONFIG), json);
        Checkpoint.write(folder.resolve(WEIGHTS), byFileName(model));
    }

    /**
     * Replaces a model's adapters by those of a folder, which must have the same matrices and rank.
     *
     * @param folder folder of the adapters
     * @param model  model with adapters
     */
    public static void read(Path folder, Decoder model) {
        Map<String, Tensor> named = byFileName(model);
        Path file = folder.resolve(WEIGHTS);
        try (Safetensors weights = Safetensors.open(file)) {
            var unknown = new TreeSet<>(weights.names());
            unknown.removeAll(named.keySet());
            if (!unknown.isEmpty()) {
                throw new IllegalArgumentException(
                        file + " has " + unknown.first() + ", which belongs to none of the model's adapters");
            }
        }
        Checkpoint.read(file, named);
    }

    private static Map<String, Tensor> byFileName(Decoder model) {
        var named = new LinkedHashMap<String, Tensor>();
        model.parameters().tensors().forEach((name, tensor) -> named.put(PREFIX + name, tensor));
        return named;
    }

    /**
     * Settings of the adapters in a folder.
     *
     * @param folder folder of the adapters
     * @throws IllegalArgumentException if {@link Lora} does not support the kind of the adapters
     */
    public static Lora config(Path folder) {
        Path file = folder.resolve(CONFIG);
        JsonNode json = Json.read(file);
        requireNeutral(json, file, "peft_type", "LORA");
        requireNeutral(json, file, "bias", "none");
        if (json.path("init_lora_weights").isString()) { // most other values change the base as well
            requireNeutral(json, file, "init_lora_weights", "gaussian");
        }
        for (String name : UNSUPPORTED) {
            JsonNode value = json.path(name);
            boolean isNeutral = value.isContainer() ? value.isEmpty() : !value.asBoolean(!value.isNull());
            if (!value.isMissingNode() && !isNeutral) {
                throw unsupported(file, name, value);
            }
        }
        JsonNode targets = json.path("target_modules");
        if (!targets.isArray()) {
            throw unsupported(file, "target_modules", targets);
        }
        for (JsonNode target : targets) {
            if (!target.isString()) {
                throw unsupported(file, "target_modules", targets);
            }
        }
        try {
            return new Lora(
                    json.path("r").asInt(0),
                    json.path("lora_alpha").asDouble(0),
                    targets.valueStream().map(JsonNode::asString).toList(),
                    0);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private static void requireNeutral(JsonNode json, Path file, String name, String neutral) {
        if (!json.path(name).asString(neutral).equals(neutral)) {
            throw unsupported(file, name, json.path(name));
        }
    }

    private static IllegalArgumentException unsupported(Path file, String name, JsonNode value) {
        return new IllegalArgumentException(file + ": " + name + " " + Json.shown(value) + " is not supported");
    }
}
