/** Python's values as templates have them: numbers, text, lists and dicts, with their operators, methods and text. */
@NullMarked
package org.rlvr4j.model.text.template.value;

import org.jspecify.annotations.NullMarked;
