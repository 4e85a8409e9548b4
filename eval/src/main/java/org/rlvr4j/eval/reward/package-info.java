/** Rewards: verifiers beside the mathematics grader, and their weighted sum. */
@NullMarked
package org.rlvr4j.eval.reward;

import org.jspecify.annotations.NullMarked;
