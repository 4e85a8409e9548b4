package org.rlvr4j.run.config;

import static com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility.ANY;
import static com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility.NONE;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.rlvr4j.run.files.FileFailure;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MutableCoercionConfig;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLReadFeature;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;
import tools.jackson.dataformat.yaml.util.StringQuotingChecker;

/**
 * Configuration files: strict binding of YAML to records. A setting that is unknown, missing, set twice, null (unless
 * its component is {@code @Nullable}) or of another type is an error, so that a file says everything about its run.
 */
public final class Configs {

    private static final YAMLMapper YAML = YAMLMapper.builder(
                    YAMLFactory.builder().stringQuotingChecker(new PlainWords()).build())
            .enable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS, MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .withCoercionConfig(LogicalType.Textual, Configs::acceptOnlyText)
            .changeDefaultVisibility(visibility -> visibility.with(NONE).withFieldVisibility(ANY))
            .changeDefaultNullHandling(_ -> JsonSetter.Value.forValueNulls(Nulls.FAIL, Nulls.FAIL))
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(
                    YAMLWriteFeature.WRITE_DOC_START_MARKER,
                    YAMLWriteFeature.USE_NATIVE_TYPE_ID,
                    YAMLWriteFeature.SPLIT_LINES)
            .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
            .enable(YAMLReadFeature.EMPTY_STRING_AS_NULL)
            .addModule(new StrictBinding())
            .build();

    private Configs() {}

    /**
     * Reads a configuration.
     *
     * @param <T>       record type of the configuration
     * @param file      YAML file
     * @param overrides settings of the form {@code training.learningRate=1e-4} that replace existing settings of the
     *                  file; an element of a list is named by its index, and a value is YAML
     * @param type      record type of the configuration
     * @throws IllegalArgumentException if a setting is wrong; the message is one sentence that names the file, the
     *                                  setting's full path and its value
     * @throws UncheckedIOException     if the file cannot be read
     */
    public static <T> T read(Path file, List<String> overrides, Class<T> type) {
        return read(file, overrides, type, (_, _) -> {});
    }

    /**
     * Reads the settings of an evaluation, in whose reward what is not set may be left out.
     *
     * @param <T>  type of the settings
     * @param file file to read
     * @param type record type of the settings
     * @throws IllegalArgumentException if a setting is wrong
     * @throws UncheckedIOException     if the file cannot be read
     */
    public static <T> T readEvaluation(Path file, Class<T> type) {
        return read(file, List.of(), type, (tree, _) -> Defaults.completeEvaluation(tree));
    }

    /**
     * Reads a configuration that has defaults.
     *
     * @param defaults adds the settings that a file leaves out; it is called before and after the overrides
     */
    static <T> T read(Path file, List<String> overrides, Class<T> type, BiConsumer<JsonNode, Path> defaults) {
        return bind(text(file), file, overrides, type, defaults);
    }

    /** Whether a file has a setting; not one that only has a default. */
    static boolean has(Path file, String path) {
        return !ConfigProblem.at(parse(text(file), file.toString()), path).isMissingNode();
    }

    /**
     * Overrides of some variants of a file, followed by others.
     *
     * @throws IllegalArgumentException if there is no such variant
     */
    static List<String> withVariants(
            Path file, Map<String, List<String>> known, List<String> names, List<String> overrides) {
        var settings = new ArrayList<String>();
        for (String name : names) {
            if (!known.containsKey(name)) {
                throw new IllegalArgumentException(
                        file + " has no variant " + name + ", its variants are " + known.keySet());
            }
            settings.addAll(known.getOrDefault(name, List.of()));
        }
        settings.addAll(overrides);
        return settings;
    }

    /** Binds the text of a file. */
    static <T> T bind(
            String text, Path file, List<String> overrides, Class<T> type, BiConsumer<JsonNode, Path> defaults) {
        JsonNode tree = parse(text, file.toString());
        if (!tree.isObject()) {
            throw new IllegalArgumentException(
                    file + ": must be a group of settings, not " + ConfigProblem.shortened(tree));
        }
        defaults.accept(tree, file);
        for (String override : overrides) {
            set(tree, override, file);
        }
        defaults.accept(tree, file); // of groups that are overrides
        defaults.accept(tree, file); // and those that depend on other settings
        try {
            return YAML.treeToValue(tree, type);
        } catch (JacksonException e) {
            throw new ConfigProblem(
                            e, tree, constant -> YAML.valueToTree(constant).asString())
                    .asException(file, overrides);
        }
    }

    /**
     * Values of texts in YAML, such as {@code true} of {@code "true"}.
     *
     * @param texts texts by name
     * @throws IllegalArgumentException if a text is not YAML
     */
    public static Map<String, Object> values(Map<String, String> texts) {
        var values = new LinkedHashMap<String, Object>();
        texts.forEach((name, text) -> values.put(name, YAML.treeToValue(parse(text, name), Object.class)));
        return values;
    }

    /**
     * Parts of a reward, each given as a kind such as {@code number}, or as a Java source file.
     *
     * @param parts kinds and files
     * @throws IllegalArgumentException if there is no such kind
     */
    public static List<RewardSetting> rewards(List<String> parts) {
        ArrayNode list = YAML.createArrayNode();
        for (String part : parts) {
            if (part.endsWith(".java")) {
                list.addObject().put("java", part);
            } else {
                list.add(part);
            }
        }
        Defaults.completeRewards(list);
        try {
            return YAML.treeToValue(list, new TypeReference<>() {});
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "--verifier: must be one of " + RewardSetting.WORDS + " or a Java source file, not "
                            + String.join(", ", parts)
                            + "; a configuration's reward takes the other kinds, with their settings",
                    e);
        }
    }

    /**
     * The configuration as YAML; {@link #read} makes an equal configuration of it.
     *
     * @param config record of a configuration
     */
    public static String write(Object config) {
        return YAML.writeValueAsString(config);
    }

    /**
     * Lists the differences between a written configuration and another one, each as the end of a sentence such as
     * {@code "training.seed 1 and not 2"}, with the written value first.
     *
     * @param written file that {@link #write} gave the content of
     * @param config  configuration to compare with it
     * @param ignored full paths of settings, or of groups of settings, that may differ
     * @throws IllegalArgumentException if the file is not YAML
     * @throws UncheckedIOException     if the file cannot be read
     */
    public static List<String> differences(Path written, Object config, Set<String> ignored) {
        var before = new TreeMap<String, String>();
        var now = new TreeMap<String, String>();
        flatten("", parse(text(written), written.toString()), before);
        flatten("", parse(write(config), "the configuration"), now);
        var paths = new TreeSet<>(before.keySet());
        paths.addAll(now.keySet());
        return paths.stream()
                .filter(path -> !Objects.equals(before.get(path), now.get(path)))
                .filter(path -> ignored.stream().noneMatch(other -> (path + ".").startsWith(other + ".")))
                .map(path -> path + " " + before.getOrDefault(path, "absent") + " and not "
                        + now.getOrDefault(path, "absent"))
                .toList();
    }

    private static void flatten(String path, JsonNode node, Map<String, String> settings) {
        if (node.isValueNode() || node.isEmpty()) {
            settings.put(path, node.toString());
        }
        String prefix = path.isEmpty() ? "" : path + ".";
        node.properties().forEach(setting -> flatten(prefix + setting.getKey(), setting.getValue(), settings));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            flatten(prefix + i, node.get(i), settings);
        }
    }

    /**
     * Makes what is checked when it is made; a failure names the setting, or the group of settings.
     *
     * @param <T>     type of the value
     * @param setting path of the setting
     * @param made    makes the value
     */
    public static <T> T named(String setting, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
    }

    private static void acceptOnlyText(MutableCoercionConfig text) {
        text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException("no such file: " + file, e);
        } catch (IOException e) {
            throw FileFailure.reading(file, e);
        }
    }

    private static JsonNode parse(String yaml, String source) {
        try {
            JsonNode tree = YAML.readTree(yaml);
            if (tree.isMissingNode()) {
                throw new IllegalArgumentException(source + ": there is nothing in it");
            }
            return tree;
        } catch (JacksonException e) {
            throw ConfigProblem.ofSyntax(e, source);
        }
    }

    private static void set(JsonNode tree, String override, Path file) {
        int equals = override.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException("--set " + override + ": must have the form key.path=value");
        }
        String path = override.substring(0, equals);
        JsonNode value = parse(override.substring(equals + 1), "--set " + override);
        int dot = path.lastIndexOf('.');
        JsonNode parent = dot < 0 ? tree : ConfigProblem.at(tree, path.substring(0, dot));
        String key = path.substring(dot + 1);
        if (ConfigProblem.at(parent, key).isMissingNode()) {
            String nearest = ConfigProblem.nearest(key, parent.isObject() ? parent.propertyNames() : List.of());
            throw new IllegalArgumentException("--set " + override + ": " + file + " has no setting " + path
                    + (nearest.isEmpty() ? "" : ", " + nearest.strip()));
        }
        switch (parent) {
            case ObjectNode settings -> settings.set(key, value);
            case ArrayNode elements -> elements.set(Integer.parseInt(key), value);
            default -> throw new AssertionError(parent);
        }
    }

    /** Quoting rule for YAML: a text has no quotes only if it cannot be read as anything else. */
    private static final class PlainWords extends StringQuotingChecker.Default {

        private static final long serialVersionUID = 1;

        @Override
        public boolean needToQuoteValue(String text) {
            return super.needToQuoteValue(text) || !text.matches("[A-Za-z/]([\\w./ -]*[\\w./-])?");
        }
    }
}
