package org.rlvr4j.model.text.template.value;

import org.rlvr4j.model.text.template.syntax.TemplateException;

/**
 * A value that is not there: empty when printed or looped over, false, and a failure in any other use.
 *
 * @param problem what a use of it says
 */
public record Undefined(String problem) {

    public static Undefined variable(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    public TemplateException failure() {
        return new TemplateException(problem);
    }
}
