/** Jinja templates with Python's values, as Transformers renders chat templates: bounded, and without reach into the JVM. */
@NullMarked
package org.rlvr4j.model.text.template;

import org.jspecify.annotations.NullMarked;
