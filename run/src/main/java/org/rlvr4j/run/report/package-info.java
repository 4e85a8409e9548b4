/** Reports of runs: tables, curves, one HTML page, metrics files, TensorBoard events. */
@NullMarked
package org.rlvr4j.run.report;

import org.jspecify.annotations.NullMarked;
