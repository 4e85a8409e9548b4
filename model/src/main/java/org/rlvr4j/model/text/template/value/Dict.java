package org.rlvr4j.model.text.template.value;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Python's dict: in the order of insertion; 1, 1.0 and true are one key. */
public final class Dict {

    private record Entry(@Nullable Object key, @Nullable Object value) {}

    private static final Object NONE = new Object();

    private final Map<Object, Entry> entries = new LinkedHashMap<>();

    public void put(@Nullable Object key, @Nullable Object value) {
        Object hashable = hashable(key);
        Entry before = entries.get(hashable);
        entries.put(hashable, new Entry(before == null ? key : before.key, value));
    }

    boolean has(@Nullable Object key) {
        return entries.containsKey(hashable(key));
    }

    @Nullable
    public Object get(@Nullable Object key) {
        Entry entry = entries.get(hashable(key));
        return entry == null ? null : entry.value;
    }

    int size() {
        return entries.size();
    }

    public List<@Nullable Object> keys() {
        var keys = new ArrayList<@Nullable Object>();
        entries.values().forEach(entry -> keys.add(entry.key));
        return keys;
    }

    List<@Nullable Object> values() {
        var values = new ArrayList<@Nullable Object>();
        entries.values().forEach(entry -> values.add(entry.value));
        return values;
    }

    public List<@Nullable Object> items() {
        var items = new ArrayList<@Nullable Object>();
        for (Entry entry : entries.values()) {
            var pair = new ArrayList<@Nullable Object>();
            pair.add(entry.key);
            pair.add(entry.value);
            items.add(new Tuple(pair));
        }
        return items;
    }

    /** A stand-in that is equal where Python's keys are. */
    public static Object hashable(@Nullable Object key) {
        return switch (key) {
            case null -> NONE;
            case Boolean truth -> truth ? 1L : 0L;
            case Double number
            when number == Math.rint(number) && !Double.isInfinite(number) ->
                Numbers.of(new java.math.BigDecimal(number).toBigInteger());
            case Markup markup -> markup.text();
            case Undefined _ -> Undefined.class;
            case Long number -> number;
            case BigInteger number -> number;
            case Double number -> number;
            case String text -> text;
            case Tuple(List<@Nullable Object> items) ->
                items.stream().map(Dict::hashable).toList();
            case List<?> _, Dict _, View _ ->
                throw new TemplateException("a " + Values.type(key) + " cannot be a key: unhashable type");
            default -> key;
        };
    }
}
