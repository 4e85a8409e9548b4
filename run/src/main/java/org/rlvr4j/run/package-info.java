/** A training run as a library: what it starts from, learns, saves, resumes and measures. */
@NullMarked
package org.rlvr4j.run;

import org.jspecify.annotations.NullMarked;
