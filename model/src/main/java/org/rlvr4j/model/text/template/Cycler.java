package org.rlvr4j.model.text.template;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;
import org.rlvr4j.model.text.template.value.Attributes;
import org.rlvr4j.model.text.template.value.Function;

/** Jinja's {@code cycler}: its items in turn. */
final class Cycler implements Attributes {

    private final List<@Nullable Object> items;
    private int at;

    Cycler(List<@Nullable Object> items) {
        if (items.isEmpty()) {
            throw new TemplateException("a cycler needs at least one item");
        }
        this.items = items;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "current" -> items.get(at);
            case "next" ->
                (Function) args -> {
                    args.bind("next", 0);
                    Object current = items.get(at);
                    at = (at + 1) % items.size();
                    return current;
                };
            case "reset" ->
                (Function) args -> {
                    args.bind("reset", 0);
                    at = 0;
                    return null;
                };
            default -> throw new TemplateException("unsupported attribute '" + name + "' of a cycler");
        };
    }
}
