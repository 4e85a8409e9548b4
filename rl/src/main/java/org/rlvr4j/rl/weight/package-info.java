/** Weights: how the terms of tokens are added up into one loss. */
@NullMarked
package org.rlvr4j.rl.weight;

import org.jspecify.annotations.NullMarked;
