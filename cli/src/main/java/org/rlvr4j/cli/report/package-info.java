/** How a run is shown: progress on the console, metrics in files, TensorBoard events, and one HTML page. */
@NullMarked
package org.rlvr4j.cli.report;

import org.jspecify.annotations.NullMarked;
