/** Launches that come again and again in the same order, found in the queue of a device. */
@NullMarked
package org.rlvr4j.tornado.chains;

import org.jspecify.annotations.NullMarked;
