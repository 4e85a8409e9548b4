/** Clips: how far a ratio may move. */
@NullMarked
package org.rlvr4j.rl.clip;

import org.jspecify.annotations.NullMarked;
