/** The transformer of Qwen2 and Qwen3: configuration, layers, adapters, and the memory that they take. */
@NullMarked
package org.rlvr4j.model;

import org.jspecify.annotations.NullMarked;
