package org.rlvr4j.model.text.template;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;
import org.rlvr4j.model.text.template.value.Args;
import org.rlvr4j.model.text.template.value.Attributes;
import org.rlvr4j.model.text.template.value.Function;
import org.rlvr4j.model.text.template.value.Undefined;
import org.rlvr4j.model.text.template.value.Values;

/** The variable {@code loop}: where a loop is, and, if it is recursive, the loop itself to be called with other items. */
final class Loop implements Attributes, Function {

    private final List<@Nullable Object> items;
    private final int depth;
    private final @Nullable Function again;
    private int at = -1;
    private @Nullable List<@Nullable Object> seen;

    /**
     * A loop before its first item.
     *
     * @param depth of recursive loops, counted from 0
     * @param again runs the loop over its argument; null unless it is recursive
     */
    Loop(List<@Nullable Object> items, int depth, @Nullable Function again) {
        this.items = items;
        this.depth = depth;
        this.again = again;
    }

    boolean hasNext() {
        return at + 1 < items.size();
    }

    @Nullable
    Object next() {
        return items.get(++at);
    }

    @Override
    public @Nullable Object call(Args args) {
        if (again == null) {
            throw new TemplateException("a loop that calls itself must be marked as recursive");
        }
        return again.call(args);
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "index" -> at + 1L;
            case "index0" -> (long) at;
            case "revindex" -> (long) items.size() - at;
            case "revindex0" -> items.size() - at - 1L;
            case "first" -> at == 0;
            case "last" -> at == items.size() - 1;
            case "length" -> (long) items.size();
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "previtem" -> at > 0 ? items.get(at - 1) : new Undefined("there is no previous item");
            case "nextitem" -> hasNext() ? items.get(at + 1) : new Undefined("there is no next item");
            case "cycle" -> (Function) this::cycle;
            case "changed" -> (Function) this::changed;
            default -> new Undefined("a loop has no attribute '" + name + "'");
        };
    }

    private @Nullable Object cycle(Args args) {
        if (args.positional().isEmpty()) {
            throw new TemplateException("no items for cycling given");
        }
        return args.positional().get(at % args.positional().size());
    }

    private Object changed(Args args) {
        boolean same = seen != null && Values.equal(seen, args.positional());
        seen = args.positional();
        return !same;
    }
}
