/** Places of memory: arrays of a device, sets of indexes, and the host's addresses of a device's numbers. */
@NullMarked
package org.rlvr4j.tornado.places;

import org.jspecify.annotations.NullMarked;
