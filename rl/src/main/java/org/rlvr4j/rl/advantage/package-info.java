/** Advantages: comparisons of the rewards of a prompt's responses. */
@NullMarked
package org.rlvr4j.rl.advantage;

import org.jspecify.annotations.NullMarked;
