/** Progress on the terminal. */
@NullMarked
package org.rlvr4j.cli.screen;

import org.jspecify.annotations.NullMarked;
