/** The backend for GPUs: kernels in Java, compiled for OpenCL, PTX or CUDA by TornadoVM. */
@NullMarked
package org.rlvr4j.tornado;

import org.jspecify.annotations.NullMarked;
