/** Surrogates: objectives of tokens, which are maximised. */
@NullMarked
package org.rlvr4j.rl.surrogate;

import org.jspecify.annotations.NullMarked;
