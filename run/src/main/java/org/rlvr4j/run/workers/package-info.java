/** Workers: other processes that generate completions and compute gradients for a training. */
@NullMarked
package org.rlvr4j.run.workers;

import org.jspecify.annotations.NullMarked;
