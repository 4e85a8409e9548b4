/** Reinforcement learning from verifiable rewards as orthogonal choices. */
@NullMarked
package org.rlvr4j.rl;

import org.jspecify.annotations.NullMarked;
