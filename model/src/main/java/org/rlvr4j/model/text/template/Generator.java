package org.rlvr4j.model.text.template;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Python's iterator: its items can be had once, one after another. */
record Generator(Iterator<? extends @Nullable Object> items) {}
