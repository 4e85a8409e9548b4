package org.rlvr4j.model.text.template.value;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/**
 * Values that a function is called with.
 *
 * @param positional in their order
 * @param named      by name, in their order
 */
public record Args(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {

    public static final Args NONE = new Args(List.of(), Map.of());

    /** Arguments by the names of parameters. */
    public static final class Bound {

        private final Map<String, @Nullable Object> values;

        private Bound(Map<String, @Nullable Object> values) {
            this.values = values;
        }

        boolean has(String name) {
            return values.containsKey(name);
        }

        /** The argument, or a default. */
        @Nullable
        public Object get(String name, @Nullable Object otherwise) {
            return has(name) ? values.get(name) : otherwise;
        }

        public boolean truth(String name, boolean otherwise) {
            return has(name) ? Values.truth(get(name, null)) : otherwise;
        }

        public int number(String name, int otherwise) {
            return has(name) ? Values.index(get(name, null)) : otherwise;
        }

        /** A text, as it was given. */
        public String text(String name, String otherwise) {
            if (!has(name)) {
                return otherwise;
            }
            Object value = get(name, null);
            if (value instanceof String || value instanceof Markup) {
                return Values.text(value);
            }
            throw new TemplateException("argument '" + name + "' must be text, not a " + Values.type(value));
        }
    }

    /**
     * Binds the arguments to parameters.
     *
     * @param function  for messages
     * @param mandatory how many of the parameters there must be
     */
    public Bound bind(String function, int mandatory, String... parameters) {
        if (positional.size() > parameters.length) {
            throw new TemplateException(
                    function + " takes at most " + parameters.length + " arguments, not " + positional.size());
        }
        var values = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < positional.size(); i++) {
            values.put(parameters[i], positional.get(i));
        }
        named.forEach((name, value) -> {
            if (!List.of(parameters).contains(name) || values.containsKey(name)) {
                throw new TemplateException("unsupported argument '" + name + "' of " + function);
            }
            values.put(name, value);
        });
        for (int i = 0; i < mandatory; i++) {
            if (!values.containsKey(parameters[i])) {
                throw new TemplateException(function + " needs the argument '" + parameters[i] + "'");
            }
        }
        return new Bound(values);
    }

    /** Without the first positional one. */
    public Args rest() {
        return new Args(positional.subList(1, positional.size()), named);
    }

    /** With one more before the others. */
    public Args with(@Nullable Object first) {
        var all = new ArrayList<@Nullable Object>();
        all.add(first);
        all.addAll(positional);
        return new Args(all, named);
    }
}
