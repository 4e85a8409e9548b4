/** Reference backend: one plain loop for each kernel, which every other backend agrees with. */
@NullMarked
package org.rlvr4j.tensor.scalar;

import org.jspecify.annotations.NullMarked;
