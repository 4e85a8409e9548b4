/** The command rlvr4j: one class for each of its commands. */
@NullMarked
package org.rlvr4j.cli;

import org.jspecify.annotations.NullMarked;
