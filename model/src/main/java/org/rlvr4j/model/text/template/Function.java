package org.rlvr4j.model.text.template;

import org.jspecify.annotations.Nullable;

/** Value that can be called. */
interface Function {

    @Nullable
    Object call(Args args);
}
