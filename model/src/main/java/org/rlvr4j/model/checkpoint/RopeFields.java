package org.rlvr4j.model.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.rlvr4j.model.ModelConfig.Family;
import org.rlvr4j.model.RopeScaling;
import org.rlvr4j.tensor.Require;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fields of rotary positions in {@code config.json}: {@code rope_theta} and {@code rope_scaling}, or {@code rope_parameters}
 * with both in it, as Transformers 5 writes them.
 */
final class RopeFields {

    private static final String SCALING = "rope_scaling";
    private static final String PARAMETERS = "rope_parameters";
    private static final String THETA = "rope_theta";
    private static final String TYPE = "rope_type";
    private static final String OLD_TYPE = "type";
    private static final String FACTOR = "factor";
    private static final String LOW_FACTOR = "low_freq_factor";
    private static final String HIGH_FACTOR = "high_freq_factor";
    private static final String ORIGINAL_POSITIONS = "original_max_position_embeddings";
    private static final String ATTENTION_FACTOR = "attention_factor";
    private static final String FAST = "beta_fast";
    private static final String SLOW = "beta_slow";
    private static final String TRUNCATE = "truncate";
    private static final String MSCALE = "mscale";
    private static final String MSCALE_ALL = "mscale_all_dim";
    private static final double LLAMA_THETA = 10_000; // Transformers' value where the file has none

    private RopeFields() {}

    /** Puts {@code rope_theta} where it is read: from {@code rope_parameters}, or a Llama's default. */
    static void completeTheta(ObjectNode json, Family family) {
        JsonNode theta = json.path(field(json)).path(THETA);
        if (!theta.isMissingNode()) {
            json.set(THETA, theta);
        } else if (family == Family.LLAMA && !json.has(THETA)) {
            json.put(THETA, LLAMA_THETA);
        }
    }

    /** Name of the field that describes the scaling: {@code rope_scaling} has precedence, as in Transformers. */
    private static String field(JsonNode json) {
        return json.path(SCALING).isEmpty() ? PARAMETERS : SCALING;
    }

    /**
     * The scaling of a configuration.
     *
     * @param json the configuration
     * @throws IllegalArgumentException if it is of an unknown kind, or has a field that its kind does not know
     */
    static RopeScaling scaling(JsonNode json) {
        String field = field(json);
        JsonNode rope = json.path(field);
        Require.that(
                rope.isObject() || rope.isNull() || rope.isMissingNode(), field + " must be an object, not " + rope);
        JsonNode type = rope.hasNonNull(TYPE) ? rope.path(TYPE) : rope.path(OLD_TYPE);
        var reader = new Reader(field, rope, json);
        return switch (type.asString("default")) {
            case "default" -> {
                reader.requireKnown();
                yield new RopeScaling.None();
            }
            case "linear" -> {
                reader.requireKnown(FACTOR);
                yield new RopeScaling.Linear(reader.number(FACTOR));
            }
            case "llama3" -> {
                reader.requireKnown(FACTOR, LOW_FACTOR, HIGH_FACTOR, ORIGINAL_POSITIONS);
                yield new RopeScaling.Llama3(
                        reader.number(FACTOR),
                        reader.number(LOW_FACTOR),
                        reader.number(HIGH_FACTOR),
                        reader.originalPositions());
            }
            case "yarn" -> {
                reader.requireKnown(
                        FACTOR, ORIGINAL_POSITIONS, ATTENTION_FACTOR, FAST, SLOW, TRUNCATE, MSCALE, MSCALE_ALL);
                yield new RopeScaling.Yarn(
                        reader.number(FACTOR),
                        reader.originalPositions(),
                        reader.number(ATTENTION_FACTOR, attentionFactor(reader)),
                        reader.number(FAST, 32),
                        reader.number(SLOW, 1),
                        reader.truth(TRUNCATE, true));
            }
            default ->
                throw new IllegalArgumentException(
                        "unsupported " + field + "." + (rope.hasNonNull(TYPE) ? TYPE : OLD_TYPE) + " " + type
                                + " (supported are default, linear, llama3, yarn)");
        };
    }

    /** The factor of a file that does not give it. */
    private static double attentionFactor(Reader yarn) {
        double factor = yarn.number(FACTOR);
        double scale = yarn.number(MSCALE, 0);
        double scaleOfAll = yarn.number(MSCALE_ALL, 0);
        return scale != 0 && scaleOfAll != 0
                ? magnitude(factor, scale) / magnitude(factor, scaleOfAll)
                : magnitude(factor, 1);
    }

    private static double magnitude(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * StrictMath.log(factor) + 1;
    }

    /** Writes a scaling, unless the file from which the model was read has written it already. */
    static void put(ObjectNode json, RopeScaling scaling) {
        if (!json.path(SCALING).isEmpty() || !json.path(PARAMETERS).isEmpty()) {
            return;
        }
        switch (scaling) {
            case RopeScaling.None _ -> {}
            case RopeScaling.Linear(double factor) -> put(json, "linear", factor);
            case RopeScaling.Llama3(double factor, double low, double high, int positions) ->
                put(json, "llama3", factor)
                        .put(LOW_FACTOR, low)
                        .put(HIGH_FACTOR, high)
                        .put(ORIGINAL_POSITIONS, positions);
            case RopeScaling.Yarn yarn ->
                put(json, "yarn", yarn.factor())
                        .put(ORIGINAL_POSITIONS, yarn.originalPositions())
                        .put(ATTENTION_FACTOR, yarn.magnitude())
                        .put(FAST, yarn.fastRotations())
                        .put(SLOW, yarn.slowRotations())
                        .put(TRUNCATE, yarn.wholePairs());
        }
    }

    private static ObjectNode put(ObjectNode json, String type, double factor) {
        return json.putObject(SCALING).put(TYPE, type).put(FACTOR, factor);
    }

    /**
     * Reader of the fields of one scaling.
     *
     * @param field name of the object, for messages
     * @param rope  the object
     * @param root  the configuration
     */
    private record Reader(String field, JsonNode rope, JsonNode root) {

        /** Refuses a field that has a value, and would not be looked at. */
        void requireKnown(String... fields) {
            var known = new ArrayList<>(List.of(fields));
            known.addAll(Set.of(TYPE, OLD_TYPE, THETA, "partial_rotary_factor"));
            ConfigFile.requireSetting(root, "/" + field + "/partial_rotary_factor", "1.0", "1");
            for (String name : rope.propertyNames()) {
                Require.that(
                        known.contains(name) || rope.path(name).isNull(),
                        "unsupported " + field + "." + name + " " + rope.path(name) + ": remove it if the "
                                + rope.path(TYPE).asString("default") + " scaling was trained without it");
            }
        }

        double number(String name) {
            JsonNode value = rope.path(name);
            Require.that(
                    !value.isMissingNode(),
                    field + "." + name + " is missing: set it to a number, as the model was trained with");
            Require.that(value.isNumber(), field + "." + name + " must be a number, not " + value);
            return value.doubleValue();
        }

        double number(String name, double absent) {
            return rope.hasNonNull(name) ? number(name) : absent;
        }

        boolean truth(String name, boolean absent) {
            JsonNode value = rope.path(name);
            Require.that(
                    value.isMissingNode() || value.isNull() || value.isBoolean(),
                    field + "." + name + " must be true or false, not " + value);
            return value.asBoolean(absent);
        }

        /** Positions before the scaling; as in Transformers, a field beside the object wins, and without any it is the limit. */
        int originalPositions() {
            for (JsonNode place : List.of(root, rope)) {
                JsonNode value = place.path(ORIGINAL_POSITIONS);
                if (!value.isMissingNode() && !value.isNull()) {
                    Require.that(
                            ConfigFile.isWholeNumber(value),
                            ORIGINAL_POSITIONS + " must be a whole number, not " + value);
                    return value.intValue();
                }
            }
            return root.path("max_position_embeddings").intValue();
        }
    }
}
