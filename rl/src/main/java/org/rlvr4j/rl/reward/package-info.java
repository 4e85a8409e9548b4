/** Rewards of verdicts, and the penalty for overlong responses. */
@NullMarked
package org.rlvr4j.rl.reward;

import org.jspecify.annotations.NullMarked;
