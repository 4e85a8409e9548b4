package org.rlvr4j.model.text.template.value;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * View of a dict: {@code keys()}, {@code values()} or {@code items()}.
 *
 * @param kind {@code dict_keys} and so on
 */
public record View(String kind, Dict dict) {

    List<@Nullable Object> items() {
        return switch (kind) {
            case "dict_keys" -> dict.keys();
            case "dict_values" -> dict.values();
            default -> dict.items();
        };
    }
}
