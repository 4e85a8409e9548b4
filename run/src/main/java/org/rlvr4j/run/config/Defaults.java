package org.rlvr4j.run.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Defaults of a run's settings, which are in {@code defaults.yaml}, and its short forms: a word for an element of
 * {@code methods} or {@code reward}, and a value for a kind of reward with one main setting.
 */
final class Defaults {

    /** Setting that names a file of examples, and sections of the defaults beside it. */
    static final String DEMONSTRATIONS = "demonstrations";

    private static final String TOKENIZER = "tokenizer";
    private static final String LEARNING_RATE = "learningRate";

    private static final JsonNode SECTIONS = sections();

    /** Main setting of the kinds of reward, which may be given as the kind's value. */
    private static final Map<String, String> MAIN = Map.of(
            "java",
            "file",
            "class",
            "name",
            "regex",
            "pattern",
            "format",
            "pattern",
            "json",
            "schema",
            "repetition",
            "words");

    private Defaults() {}

    private static JsonNode sections() {
        try (InputStream in = Defaults.class.getResourceAsStream("defaults.yaml")) {
            return new YAMLMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the defaults", e);
        }
    }

    /**
     * Adds all settings that a configuration leaves out and that have a default. Defaults that depend on other settings are
     * null after the first call and set by the next.
     *
     * @param tree configuration, which is changed
     * @param file file that it was read from, after which the output folder is named
     */
    static void complete(JsonNode tree, Path file) {
        if (!(tree instanceof ObjectNode run)) {
            return;
        }
        fill(run, "run");
        completeOutput(run, file);
        completeStart(run);
        if (run.get("problems") instanceof ObjectNode problems) {
            fill(problems, "problems." + problems.path("from").asString(""));
        }
        if (run.get("warmUp") instanceof ObjectNode warmUp) {
            if (warmUp.has(DEMONSTRATIONS)) {
                completeDemonstrations(warmUp, run.path("model"));
            } else {
                fill(warmUp, "warmUp");
            }
        }
        for (String section : List.of("prompt", "training")) {
            if (run.get(section) instanceof ObjectNode group) {
                fill(group, section);
            }
        }
        if (run.path("training").path("solvedBetween") instanceof ObjectNode bounds) {
            fill(bounds, "training.solvedBetween");
        }
        if (run.get("evaluation") instanceof ObjectNode evaluation) {
            for (String shared : List.of("maxNewTokens", "maxSequences")) {
                if (!evaluation.has(shared) && run.path("training").has(shared)) {
                    evaluation.set(shared, run.path("training").get(shared));
                }
            }
            fill(evaluation, "evaluation");
        }
        elements(run.get("methods"), "algorithm").forEach(Defaults::completeMethod);
        elements(run.get("reward"), "").forEach(Defaults::completeReward);
    }

    /**
     * Adds all settings that a configuration of supervised learning leaves out and that have a default.
     *
     * @param tree configuration, which is changed
     * @param file file that it was read from, after which the output folder is named
     */
    static void completeSupervised(JsonNode tree, Path file) {
        if (!(tree instanceof ObjectNode run)) {
            return;
        }
        fill(run, "supervised");
        completeOutput(run, file);
        completeStart(run);
        if (run.get("prompt") instanceof ObjectNode prompt) {
            fill(prompt, "prompt");
        }
        if (run.get("training") instanceof ObjectNode training) {
            completeDemonstrations(training, run.path("model"));
        }
    }

    private static void completeOutput(ObjectNode run, Path file) {
        if (!run.has("output")) {
            run.put("output", "runs/" + String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", ""));
        }
    }

    private static void completeStart(ObjectNode run) {
        if (!(run.get("model") instanceof ObjectNode model)) {
            return;
        }
        fill(model, "model." + model.path("from").asString(""));
        completeTokenizer(model);
        if (model.get("lora") instanceof ObjectNode lora) {
            fill(lora, "lora");
        }
    }

    /** Adds the folder of the tokenizer, which is the checkpoint's; overrides may still change that: it is null until then. */
    private static void completeTokenizer(ObjectNode model) {
        if (!model.has("path")) {
            return;
        }
        if (!model.has(TOKENIZER)) {
            model.putNull(TOKENIZER);
        } else if (model.path(TOKENIZER).isNull()) {
            model.set(TOKENIZER, model.get("path"));
        }
    }

    /**
     * Adds what is left out. The learning rate is another for adapters, and for a model with random weights, and overrides may
     * still change which it is: it is null until the next call.
     */
    private static void completeDemonstrations(ObjectNode group, JsonNode model) {
        fill(group, DEMONSTRATIONS);
        if (!group.has(LEARNING_RATE)) {
            group.putNull(LEARNING_RATE);
        } else if (group.path(LEARNING_RATE).isNull()) {
            String start =
                    model.path("lora").isObject() ? "lora" : model.path("from").asString("");
            group.remove(LEARNING_RATE);
            fill(group, DEMONSTRATIONS + "." + start);
        }
    }

    /**
     * Adds what the settings of an evaluation leave out of its verifiers, and all of it to those of before there were any. A
     * reward of before suites had verifiers of their own judges all suites.
     */
    static void completeEvaluation(JsonNode tree) {
        if (!(tree instanceof ObjectNode settings)) {
            return;
        }
        if (settings.remove("reward") instanceof ArrayNode reward
                && settings.get("suites") instanceof ObjectNode suites) {
            ObjectNode verifiers = settings.putObject("verifiers");
            suites.propertyNames().forEach(suite -> verifiers.set(suite, reward.deepCopy()));
        }
        fill(settings, "settings");
        settings.path("verifiers").forEach(Defaults::completeRewards);
    }

    /** Adds what the parts of a reward leave out. */
    static void completeRewards(JsonNode parts) {
        elements(parts, "").forEach(Defaults::completeReward);
    }

    private static void completeMethod(ObjectNode method) {
        if (!method.has("name") && method.has("algorithm")) {
            method.set("name", method.get("algorithm"));
        }
        fill(method, "method");
    }

    private static void completeReward(ObjectNode part) {
        fill(part, "reward");
        for (String kind : List.copyOf(part.propertyNames())) {
            JsonNode value = part.get(kind);
            if (MAIN.containsKey(kind) && value.isValueNode() && !value.isNull()) {
                part.putObject(kind).set(MAIN.get(kind), value);
            }
            if (part.get(kind) instanceof ObjectNode settings) {
                fill(settings, "reward." + kind);
            }
        }
    }

    /** The groups of a list, of whose words groups are made: of a setting's name and the word, or of the word alone. */
    private static List<ObjectNode> elements(@Nullable JsonNode list, String setting) {
        if (!(list instanceof ArrayNode elements)) {
            return List.of();
        }
        for (int i = 0; i < elements.size(); i++) {
            if (elements.get(i).isString()) {
                String word = elements.get(i).asString();
                ObjectNode group = elements.objectNode();
                if (setting.isEmpty()) {
                    group.putObject(word);
                } else {
                    group.put(setting, word);
                }
                elements.set(i, group);
            }
        }
        return elements.valueStream()
                .filter(ObjectNode.class::isInstance)
                .map(ObjectNode.class::cast)
                .toList();
    }

    private static void fill(ObjectNode group, String section) {
        SECTIONS.path(section).properties().forEach(setting -> {
            if (!group.has(setting.getKey())) {
                group.set(setting.getKey(), setting.getValue().deepCopy());
            }
        });
    }
}
