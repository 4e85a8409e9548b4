/** Products of matrices by cuBLAS, as a library of TornadoVM's. */
@NullMarked
package org.rlvr4j.cublas;

import org.jspecify.annotations.NullMarked;
