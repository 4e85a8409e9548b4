/** Surrogates: what is maximised for each token. */
@NullMarked
package org.rlvr4j.rl.surrogate;

import org.jspecify.annotations.NullMarked;
