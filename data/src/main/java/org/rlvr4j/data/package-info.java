/** Problems: from Parquet in verl's layout, from JSON Lines, and generated ones. */
@NullMarked
package org.rlvr4j.data;

import org.jspecify.annotations.NullMarked;
