/** Checkpoints and problems from public servers: the Hugging Face Hub and web addresses. */
@NullMarked
package org.rlvr4j.cli.download;

import org.jspecify.annotations.NullMarked;
