package org.rlvr4j.rl;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Change of one axis of a method: another kind of value, other settings of it, or both.
 *
 * @param kind     tag of the new value, or a published method whose value is used; null to keep the method's own kind
 * @param settings settings to set by name, such as {@code clipHigh}; the others stay as they are
 */
public record Change(@Nullable String kind, Map<String, Object> settings) {

    public Change {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /**
     * The change to a kind of value with its usual settings.
     *
     * @param kind tag of the new value, or a published method that has it
     */
    public static Change to(String kind) {
        return new Change(kind, Map.of());
    }
}
