/** Weights: factors of the tokens' terms in the sum that is the loss. */
@NullMarked
package org.rlvr4j.rl.weight;

import org.jspecify.annotations.NullMarked;
