/** Importance ratios: probabilities of tokens under the policy, divided by those under the policy that sampled them. */
@NullMarked
package org.rlvr4j.rl.ratio;

import org.jspecify.annotations.NullMarked;
