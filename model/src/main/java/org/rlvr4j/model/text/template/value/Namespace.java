package org.rlvr4j.model.text.template.value;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Object whose attributes a template may set, also from within a loop. */
public final class Namespace {

    private final Map<String, @Nullable Object> attributes = new LinkedHashMap<>();

    boolean has(String name) {
        return attributes.containsKey(name);
    }

    @Nullable
    Object get(String name) {
        return attributes.get(name);
    }

    public void set(String name, @Nullable Object value) {
        if (name.startsWith("_")) {
            throw new TemplateException("a namespace takes no attribute '" + name + "' that begins with an underscore");
        }
        attributes.put(name, value);
    }

    /** As a dict, for its text. */
    Dict dict() {
        var dict = new Dict();
        attributes.forEach(dict::put);
        return dict;
    }
}
