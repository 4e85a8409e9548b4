/** Products of matrices by a library of a device's vendor: what is between the backend and the module that calls it. */
@NullMarked
package org.rlvr4j.tornado.library;

import org.jspecify.annotations.NullMarked;
