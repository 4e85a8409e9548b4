/** Gates: which tokens learn, decided by looking at many tokens together. */
@NullMarked
package org.rlvr4j.rl.gate;

import org.jspecify.annotations.NullMarked;
