/** Training as a library: runs that start from a model, train, save, resume and measure. */
@NullMarked
package org.rlvr4j.run;

import org.jspecify.annotations.NullMarked;
