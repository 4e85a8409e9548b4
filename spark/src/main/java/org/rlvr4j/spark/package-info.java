/** Several machines: rollouts, evaluations and gradients on the executors of Apache Spark, with the bits of one process. */
@NullMarked
package org.rlvr4j.spark;

import org.jspecify.annotations.NullMarked;
