package org.rlvr4j.run.config;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;

/**
 * Problem of a configuration, described in one sentence: where the setting was set, its full path and its value.
 *
 * @param cause exception that Jackson threw
 * @param tree  configuration that Jackson was reading
 * @param names function from an enum's constant to its name in YAML
 */
record ConfigProblem(JacksonException cause, JsonNode tree, Function<Object, String> names) {

    private static final int LONGEST_VALUE = 80;

    /** The exception for a file or override that is not YAML, or sets a setting twice. */
    static IllegalArgumentException ofSyntax(JacksonException e, String source) {
        String problem = e.getOriginalMessage().replaceAll(" ?\\([\\w.]*Exception\\)", "");
        if (problem.startsWith("Duplicate") && e.processor() instanceof JsonParser parser) {
            String path = parser.streamReadContext()
                    .pathAsPointer()
                    .toString()
                    .substring(1)
                    .replace('/', '.');
            return new IllegalArgumentException(source + ": " + path + ": is set twice", e);
        }
        if (e instanceof MismatchedInputException) { // a trailing token
            return new IllegalArgumentException(source + ": holds more than one document", e);
        }
        int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
        return new IllegalArgumentException(
                source + ": is not YAML, see line " + line + ": "
                        + "%.200s".formatted(problem.lines().findFirst().orElse("")),
                e);
    }

    /** The node at a path such as {@code rl.clips.0.low}; a missing node if there is none. */
    static JsonNode at(JsonNode tree, String path) {
        return path.isEmpty() ? tree : tree.at("/" + path.replace('.', '/'));
    }

    /** The exception for this problem, which names the file and the overrides that concern the setting. */
    IllegalArgumentException asException(Path file, List<String> overrides) {
        String path = path();
        String relevant = overrides.stream()
                .filter(override -> overlap(path, override.substring(0, override.indexOf('='))))
                .map(override -> " with --set " + override)
                .collect(Collectors.joining());
        return new IllegalArgumentException(
                file + relevant + ": " + (path.isEmpty() ? "" : path + ": ") + sentence(), cause);
    }

    /** Whether two settings are the same, or one contains the other. */
    private static boolean overlap(String path, String other) {
        return path.isEmpty() || (path + ".").startsWith(other + ".") || (other + ".").startsWith(path + ".");
    }

    private String path() {
        Stream<String> names = cause.getPath().stream()
                .map(at -> at.getPropertyName() == null ? String.valueOf(at.getIndex()) : at.getPropertyName());
        Stream<String> tag = cause instanceof InvalidTypeIdException e ? Stream.of(tag(e)) : Stream.of();
        return Stream.concat(names, tag).collect(Collectors.joining("."));
    }

    private String sentence() {
        return switch (cause) {
            case UnrecognizedPropertyException e ->
                "is no setting, " + nearest(e.getPropertyName(), e.getKnownPropertyIds()) + "known here: "
                        + listed(e.getKnownPropertyIds());
            case InvalidNullException _ -> at(tree, path()).isMissingNode() ? missing() : "must not be null";
            case InvalidTypeIdException e
            when e.getTypeId() == null -> "is missing, must be one of " + listed(choices(e));
            case InvalidTypeIdException e -> "must be one of " + listed(choices(e)) + ", not " + value();
            case ValueInstantiationException e
            when e.getCause() instanceof IllegalArgumentException problem -> String.valueOf(problem.getMessage());
            case MismatchedInputException _ when at(tree, path()).isMissingNode() -> missing();
            case MismatchedInputException e -> "must be " + expected(e.getTargetType()) + ", not " + value();
            case InputCoercionException _ -> "is out of range: " + value();
            default -> "cannot be " + value() + ": " + cause.getOriginalMessage();
        };
    }

    private String value() {
        return shortened(at(tree, path()));
    }

    /** "is missing", with the name beside it that may have been meant for it. */
    private String missing() {
        String path = path();
        int dot = path.lastIndexOf('.');
        JsonNode group = at(tree, dot < 0 ? "" : path.substring(0, dot));
        return "is missing"
                + nearest(path.substring(dot + 1), group.propertyNames())
                        .replace("did you mean ", ", is it meant by ")
                        .strip();
    }

    /**
     * "did you mean ...? " with the known name that differs in the fewest letters, if that is at most a third of them, or one
     * name begins with the other.
     */
    static String nearest(String name, Collection<?> known) {
        return known.stream()
                .map(String::valueOf)
                .min(Comparator.comparingInt(other -> distance(name, other)))
                .filter(other -> 3 * distance(name, other) <= Math.max(name.length(), other.length())
                        || other.startsWith(name)
                        || name.startsWith(other))
                .map(other -> "did you mean " + other + "? ")
                .orElse("");
    }

    /** Number of letters to insert, delete or replace to make one word of another, in either case (Levenshtein, 1966). */
    private static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
                int replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    /** A value as text for an error's sentence: on one line, and shortened if it is long. */
    static String shortened(Object value) {
        String text = value.toString().replaceAll("\\p{Cntrl}", " ");
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "...";
    }

    private static String tag(InvalidTypeIdException e) {
        return e.getBaseType().getRawClass().getAnnotation(JsonTypeInfo.class).property();
    }

    private static List<String> choices(InvalidTypeIdException e) {
        var types =
                e.getBaseType().getRawClass().getAnnotation(JsonSubTypes.class).value();
        return Arrays.stream(types).map(JsonSubTypes.Type::name).toList();
    }

    private String expected(Class<?> type) {
        if (type.isEnum()) {
            return "one of " + Arrays.stream(type.getEnumConstants()).map(names).collect(Collectors.joining(", "));
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
            return "a whole number";
        }
        if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
            return "a number";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return type == String.class || type == Path.class ? "text" : "a group of settings";
    }

    private static String listed(Collection<?> names) {
        return names.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
