/** Supervised learning from examples as a run of its own: checkpoints, resuming, report. */
@NullMarked
package org.rlvr4j.run.sft;

import org.jspecify.annotations.NullMarked;
