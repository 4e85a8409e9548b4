package org.rlvr4j.rl;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a record: its components that are numbers, truth values, words or enum constants, by name; those of a record
 * within it are named the same way, without its own name.
 */
final class RecordSettings {

    private RecordSettings() {}

    /**
     * Returns a copy of a record with other values of some settings.
     *
     * @param name   name of the record in messages
     * @param base   record to start from
     * @param values new values by the name of the setting: numbers, truth values, or names of enum constants
     * @throws IllegalArgumentException if there is no such setting, or a value is not possible; the message names both
     */
    static <T> T with(String name, T base, Map<String, ?> values) {
        if (values.isEmpty()) {
            return base;
        }
        Map<String, Object> known = of(base);
        Set<String> unknown = new TreeSet<>(values.keySet());
        unknown.removeAll(known.keySet());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    name + " has no setting " + unknown.iterator().next() + ", "
                            + (known.isEmpty() ? "as it has none" : "its settings are " + known.keySet()));
        }
        return copy(name, base, values);
    }

    /** The settings of a record with their values, in their order; empty for anything else. */
    static Map<String, Object> of(Object value) {
        var settings = new LinkedHashMap<String, Object>();
        if (value instanceof Record) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                Object inner = get(component, value);
                if (inner instanceof Number || inner instanceof Boolean || inner instanceof Enum<?>) {
                    settings.put(component.getName(), inner);
                } else {
                    settings.putAll(of(inner));
                }
            }
        }
        return settings;
    }

    @SuppressWarnings("unchecked")
    private static <T> T copy(String name, T base, Map<String, ?> values) {
        if (!(base instanceof Record)) {
            return base;
        }
        RecordComponent[] components = base.getClass().getRecordComponents();
        var types = new Class<?>[components.length];
        var arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            Object old = get(components[i], base);
            String setting = components[i].getName();
            arguments[i] = old instanceof Record
                    ? copy(name, old, values)
                    : values.containsKey(setting)
                            ? converted(name + "." + setting, types[i], values.get(setting))
                            : old;
        }
        try {
            return (T) base.getClass().getDeclaredConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException problem) {
                throw new IllegalArgumentException(name + ": " + problem.getMessage(), problem);
            }
            throw new AssertionError(e);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static Object converted(String setting, Class<?> type, @Nullable Object value) {
        if (type == double.class && value instanceof Number number) {
            return number.doubleValue();
        }
        if (type == double.class && "infinity".equals(value)) {
            return Double.POSITIVE_INFINITY;
        }
        if (type == int.class && value instanceof Integer) {
            return value;
        }
        if (type == boolean.class && value instanceof Boolean) {
            return value;
        }
        if (type.isEnum() && value instanceof String word) {
            for (Object constant : type.getEnumConstants()) {
                if (((Enum<?>) constant).name().equals(word.toUpperCase(Locale.ROOT))) {
                    return constant;
                }
            }
        }
        throw new IllegalArgumentException(setting + " must be " + expected(type) + ", not " + value);
    }

    private static String expected(Class<?> type) {
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "));
        }
        return Stream.of(Map.entry(double.class, "a number"), Map.entry(int.class, "a whole number"))
                .filter(entry -> entry.getKey() == type)
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("true or false");
    }

    private static Object get(RecordComponent component, Object record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
