/** Reinforcement learning from verifiable rewards: rollout, objective and trainer, independent of files and screens. */
@NullMarked
package org.rlvr4j.rl;

import org.jspecify.annotations.NullMarked;
