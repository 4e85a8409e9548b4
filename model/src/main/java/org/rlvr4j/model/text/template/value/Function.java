package org.rlvr4j.model.text.template.value;

import org.jspecify.annotations.Nullable;

/** Value that can be called. */
public interface Function {

    @Nullable
    Object call(Args args);
}
