/** Advantages: how the rewards of a prompt's responses are compared. */
@NullMarked
package org.rlvr4j.rl.advantage;

import org.jspecify.annotations.NullMarked;
