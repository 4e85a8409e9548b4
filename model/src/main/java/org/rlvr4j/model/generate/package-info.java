/** Generation: completions of prompts, many at a time, each from its own random stream. */
@NullMarked
package org.rlvr4j.model.generate;

import org.jspecify.annotations.NullMarked;
