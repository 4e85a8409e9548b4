/** Space on the disk that a training takes, known and checked before it begins. */
@NullMarked
package org.rlvr4j.run.disk;

import org.jspecify.annotations.NullMarked;
