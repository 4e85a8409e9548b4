/** Evaluation: suites, verifiers, scores, and estimates with intervals. */
@NullMarked
package org.rlvr4j.eval;

import org.jspecify.annotations.NullMarked;
