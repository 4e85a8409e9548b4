/** Configuration of a run, and its YAML. */
@NullMarked
package org.rlvr4j.run.config;

import org.jspecify.annotations.NullMarked;
