/** Models and adapters as folders in Hugging Face layout. */
@NullMarked
package org.rlvr4j.model.checkpoint;

import org.jspecify.annotations.NullMarked;
