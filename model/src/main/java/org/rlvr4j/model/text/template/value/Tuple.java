package org.rlvr4j.model.text.template.value;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's tuple. */
public record Tuple(List<@Nullable Object> items) {

    public Tuple {
        items = Collections.unmodifiableList(items);
    }
}
