/** The engine: shapes, off-heap memory, differentiable operations, CPU backends and the optimiser. */
@NullMarked
package org.rlvr4j.tensor;

import org.jspecify.annotations.NullMarked;
