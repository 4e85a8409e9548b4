/** JMH benchmarks of the engine and the public walk. */
@NullMarked
package org.rlvr4j.bench;

import org.jspecify.annotations.NullMarked;
