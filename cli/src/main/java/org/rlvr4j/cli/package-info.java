/** The command rlvr4j: configuration, progress and reports. */
@NullMarked
package org.rlvr4j.cli;

import org.jspecify.annotations.NullMarked;
