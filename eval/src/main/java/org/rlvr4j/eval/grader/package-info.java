/** Grading of mathematics: final answers are found, parsed and compared, first by exact arithmetic. */
@NullMarked
package org.rlvr4j.eval.grader;

import org.jspecify.annotations.NullMarked;
