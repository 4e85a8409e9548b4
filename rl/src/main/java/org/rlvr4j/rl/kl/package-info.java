/** KL penalty for drifting from the reference policy. */
@NullMarked
package org.rlvr4j.rl.kl;

import org.jspecify.annotations.NullMarked;
