/** Example programs that use the library, of one page each. */
@NullMarked
package org.rlvr4j.examples;

import org.jspecify.annotations.NullMarked;
