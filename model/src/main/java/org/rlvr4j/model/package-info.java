/** Qwen2 and Qwen3 models in Hugging Face layout, their tokenizer, and generation. */
@NullMarked
package org.rlvr4j.model;

import org.jspecify.annotations.NullMarked;
