/** Rewards of a configuration: their parts, and a user's own classes. */
@NullMarked
package org.rlvr4j.run.reward;

import org.jspecify.annotations.NullMarked;
