/** The house rules: format, architecture and size. */
@NullMarked
package org.rlvr4j.checks;

import org.jspecify.annotations.NullMarked;
