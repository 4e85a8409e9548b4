/** Final answers, their grading, and scores with intervals. */
@NullMarked
package org.rlvr4j.eval;

import org.jspecify.annotations.NullMarked;
