/** The syntax of Jinja templates: from text to tokens, and from those to a tree of statements and expressions. */
@NullMarked
package org.rlvr4j.model.text.template.syntax;

import org.jspecify.annotations.NullMarked;
