/** Options that several commands share. */
@NullMarked
package org.rlvr4j.cli.option;

import org.jspecify.annotations.NullMarked;
