/** Files and folders: written completely or not at all, hashed and locked, with readable failures. */
@NullMarked
package org.rlvr4j.run.files;

import org.jspecify.annotations.NullMarked;
