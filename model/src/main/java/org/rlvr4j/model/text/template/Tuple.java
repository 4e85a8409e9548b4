package org.rlvr4j.model.text.template;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's tuple. */
record Tuple(List<@Nullable Object> items) {

    Tuple {
        items = Collections.unmodifiableList(items);
    }
}
