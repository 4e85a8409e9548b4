/** Checkpoints and problems from their public homes: the Hugging Face Hub, and plain addresses. */
@NullMarked
package org.rlvr4j.cli.download;

import org.jspecify.annotations.NullMarked;
