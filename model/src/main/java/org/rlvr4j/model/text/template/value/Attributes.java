package org.rlvr4j.model.text.template.value;

import org.jspecify.annotations.Nullable;

/** Value with attributes of its own. */
public interface Attributes {

    /** An attribute; {@link Undefined} if there is none of this name. */
    @Nullable
    Object attribute(String name);
}
