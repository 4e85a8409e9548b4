/** Dense decoders of Qwen, Llama and Mistral: configuration, layers, adapters, and the memory that they take. */
@NullMarked
package org.rlvr4j.model;

import org.jspecify.annotations.NullMarked;
