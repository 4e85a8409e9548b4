/** Importance ratios of the policy to the one that wrote the tokens. */
@NullMarked
package org.rlvr4j.rl.ratio;

import org.jspecify.annotations.NullMarked;
