/** From messages to tokens and back: chat templates and tokenizers. */
@NullMarked
package org.rlvr4j.model.text;

import org.jspecify.annotations.NullMarked;
