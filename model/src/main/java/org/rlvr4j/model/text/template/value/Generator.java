package org.rlvr4j.model.text.template.value;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Python's iterator: its items can be had once, one after another. */
public record Generator(Iterator<? extends @Nullable Object> items) {}
