/** CPU backend for training: single-precision kernels on the Vector API, on all cores. */
@NullMarked
package org.rlvr4j.tensor.vector;

import org.jspecify.annotations.NullMarked;
