/** Evaluations of a checkpoint on suites of problems, stored in folders, graded again and compared. */
@NullMarked
package org.rlvr4j.run.evaluation;

import org.jspecify.annotations.NullMarked;
