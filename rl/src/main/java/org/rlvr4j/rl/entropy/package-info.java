/** Entropy bonus of the policy. */
@NullMarked
package org.rlvr4j.rl.entropy;

import org.jspecify.annotations.NullMarked;
