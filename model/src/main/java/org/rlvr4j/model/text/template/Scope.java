package org.rlvr4j.model.text.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.value.Undefined;

/** Variables of one block of a template, and of those around it. */
final class Scope {

    private final @Nullable Scope around;
    private @Nullable Map<String, @Nullable Object> variables; // most blocks have none, and there are many

    private Scope(@Nullable Scope around) {
        this.around = around;
    }

    static Scope outermost() {
        return new Scope(null);
    }

    Scope inner() {
        return new Scope(this);
    }

    void set(String name, @Nullable Object value) {
        if (variables == null) {
            variables = new HashMap<>(4);
        }
        variables.put(name, value);
    }

    /** The variable of the innermost block that has it; {@link Undefined} if none does. */
    @Nullable
    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.around) {
            Map<String, @Nullable Object> own = scope.variables;
            if (own != null && own.containsKey(name)) {
                return own.get(name);
            }
        }
        return Undefined.variable(name);
    }
}
