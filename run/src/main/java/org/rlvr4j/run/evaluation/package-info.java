/** Evaluations of a checkpoint on suites of problems, kept in a folder, graded again and compared. */
@NullMarked
package org.rlvr4j.run.evaluation;

import org.jspecify.annotations.NullMarked;
