/** Filters of the groups that a step learns from. */
@NullMarked
package org.rlvr4j.rl.filter;

import org.jspecify.annotations.NullMarked;
