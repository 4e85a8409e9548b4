/** Clips: intervals in which importance ratios may move. */
@NullMarked
package org.rlvr4j.rl.clip;

import org.jspecify.annotations.NullMarked;
