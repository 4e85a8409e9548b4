/** Rewards: what a verdict is worth, and what length costs. */
@NullMarked
package org.rlvr4j.rl.reward;

import org.jspecify.annotations.NullMarked;
