/** Supervised learning from demonstrations: what is learned and held back, and the steps. */
@NullMarked
package org.rlvr4j.run.supervised;

import org.jspecify.annotations.NullMarked;
