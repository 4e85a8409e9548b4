/** Filters: which groups a step learns from. */
@NullMarked
package org.rlvr4j.rl.filter;

import org.jspecify.annotations.NullMarked;
