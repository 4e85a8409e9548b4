/** Arithmetic that every backend has in common: the order of sums, and functions as polynomials. */
@NullMarked
package org.rlvr4j.tensor.math;

import org.jspecify.annotations.NullMarked;
