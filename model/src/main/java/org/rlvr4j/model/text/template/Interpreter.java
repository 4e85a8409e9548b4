package org.rlvr4j.model.text.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.Expr;
import org.rlvr4j.model.text.template.syntax.Node;
import org.rlvr4j.model.text.template.syntax.TemplateException;
import org.rlvr4j.model.text.template.value.Access;
import org.rlvr4j.model.text.template.value.Args;
import org.rlvr4j.model.text.template.value.Budget;
import org.rlvr4j.model.text.template.value.Dict;
import org.rlvr4j.model.text.template.value.Function;
import org.rlvr4j.model.text.template.value.Namespace;
import org.rlvr4j.model.text.template.value.Numbers;
import org.rlvr4j.model.text.template.value.Repr;
import org.rlvr4j.model.text.template.value.Tuple;
import org.rlvr4j.model.text.template.value.Undefined;
import org.rlvr4j.model.text.template.value.Values;

/** Interpreter of templates: what each statement writes, and what each expression is. */
final class Interpreter {

    private enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    private final @Nullable Marks marks;

    /** @param marks takes the places of generation blocks; null if nobody asks for them */
    Interpreter(@Nullable Marks marks) {
        this.marks = marks;
    }

    /** What a whole template writes. */
    String whole(List<Node> nodes, Scope scope) {
        var out = new StringBuilder();
        if (marks != null) {
            marks.begin(out);
        }
        run(nodes, scope, out);
        return out.toString();
    }

    /** What a block writes. */
    String text(List<Node> nodes, Scope scope) {
        var out = new StringBuilder();
        run(nodes, scope, out);
        return out.toString();
    }

    private Flow run(List<Node> nodes, Scope scope, StringBuilder out) {
        Budget.enter();
        for (Node node : nodes) {
            Flow flow = run(node, scope, out);
            if (flow != Flow.ON) {
                Budget.leave();
                return flow;
            }
        }
        Budget.leave();
        return Flow.ON;
    }

    private Flow run(Node node, Scope scope, StringBuilder out) {
        Budget.step();
        switch (node) {
            case Node.Text(String text) -> write(text, out);
            case Node.Output(Expr value, int line) ->
                at(line, () -> {
                    write(Values.text(value(value, scope)), out);
                    return null;
                });
            case Node.If(Expr condition, List<Node> then, List<Node> otherwise) -> {
                return run(Values.truth(value(condition, scope)) ? then : otherwise, scope, out);
            }
            case Node.For loop -> {
                List<@Nullable Object> items = at(loop.line(), () -> items(loop, value(loop.items(), scope), scope));
                run(loop, items, 0, scope, out);
            }
            case Node.Break() -> {
                return Flow.BREAK;
            }
            case Node.Continue() -> {
                return Flow.CONTINUE;
            }
            case Node.Set(Node.Target target, Expr value, int line) ->
                at(line, () -> {
                    set(target, value(value, scope), scope);
                    return null;
                });
            case Node.SetBlock(Node.Target target, Expr.Filter filter, List<Node> body, int line) ->
                at(line, () -> {
                    String text = text(body, scope.inner());
                    set(target, filter == null ? text : filtered(filter, text, scope), scope);
                    return null;
                });
            case Node.With with -> {
                Scope inner = scope.inner();
                for (int i = 0; i < with.targets().size(); i++) {
                    set(with.targets().get(i), value(with.values().get(i), scope), inner);
                }
                return run(with.body(), inner, out);
            }
            case Node.Macro macro -> scope.set(macro.name(), new Macro(this, macro, scope));
            case Node.CallBlock block ->
                at(block.line(), () -> {
                    Args args = arguments(block.call().arguments(), scope);
                    Map<String, @Nullable Object> named = new LinkedHashMap<>(args.named());
                    named.put("caller", new Macro(this, block.caller(), scope));
                    Object function = value(block.call().function(), scope);
                    write(Values.text(call(function, new Args(args.positional(), named))), out);
                    return null;
                });
            case Node.FilterBlock(Expr.Filter filter, List<Node> body, int line) ->
                at(line, () -> {
                    Object filtered = filtered(filter, text(body, scope.inner()), scope);
                    if (!Values.isText(filtered)) {
                        throw new TemplateException("a filter block must give text, not a " + Values.type(filtered));
                    }
                    write(Values.text(filtered), out);
                    return null;
                });
            case Node.Generation(List<Node> body) -> {
                int from = out.length();
                write(text(body, scope.inner()), out);
                if (marks != null) {
                    marks.add(out, from);
                }
            }
        }
        return Flow.ON;
    }

    private static void write(String text, StringBuilder out) {
        Budget.size(text.length());
        if (out.length() + text.length() > Budget.MAX_SIZE) {
            Budget.size(Budget.MAX_SIZE + 1L);
        }
        out.append(text);
    }

    /** The items that the condition lets through. */
    private List<@Nullable Object> items(Node.For loop, @Nullable Object value, Scope scope) {
        List<@Nullable Object> items = Values.list(value);
        Expr condition = loop.condition();
        if (condition == null) {
            return items;
        }
        var kept = new ArrayList<@Nullable Object>();
        for (Object item : items) {
            Scope inner = scope.inner();
            inner.set("loop", new Undefined("'loop' is undefined in the condition of a loop"));
            set(loop.target(), item, inner);
            if (Values.truth(value(condition, inner))) {
                kept.add(item);
            }
        }
        return kept;
    }

    private void run(Node.For node, List<@Nullable Object> items, int depth, Scope scope, StringBuilder out) {
        Function again = args -> {
            Object value = args.bind("loop", 1, "items").get("items", null);
            var text = new StringBuilder();
            run(node, items(node, value, scope), depth + 1, scope, text);
            return text.toString();
        };
        var loop = new Loop(items, depth, node.recursive() ? again : null);
        if (items.isEmpty()) {
            run(node.otherwise(), scope.inner(), out);
        }
        while (loop.hasNext()) {
            Scope inner = scope.inner();
            inner.set("loop", loop);
            Object item = loop.next();
            at(node.line(), () -> {
                set(node.target(), item, inner);
                return null;
            });
            if (run(node.body(), inner, out) == Flow.BREAK) {
                break;
            }
        }
    }

    private void set(Node.Target target, @Nullable Object value, Scope scope) {
        switch (target) {
            case Node.Target.Variable(String name) -> scope.set(name, value);
            case Node.Target.Member(String name, String attribute) -> {
                if (!(scope.get(name) instanceof Namespace namespace)) {
                    throw new TemplateException("cannot set an attribute of '" + name + "', which is no namespace");
                }
                namespace.set(attribute, value);
            }
            case Node.Target.Several(List<Node.Target> targets) -> {
                if (value instanceof Undefined undefined) {
                    throw undefined.failure();
                }
                List<@Nullable Object> values = Values.list(value);
                if (values.size() != targets.size()) {
                    throw new TemplateException(
                            "cannot assign " + values.size() + " values to " + targets.size() + " variables");
                }
                for (int i = 0; i < targets.size(); i++) {
                    set(targets.get(i), values.get(i), scope);
                }
            }
        }
    }

    /** What is done in a line: a failure names it. */
    private static <T extends @Nullable Object> T at(int line, Supplier<T> work) {
        try {
            return work.get();
        } catch (TemplateException e) {
            throw e.at(line);
        }
    }

    /** The value of an expression. */
    @Nullable
    Object value(Expr expression, Scope scope) {
        Budget.enter();
        Object value =
                switch (expression) {
                    case Expr.Constant constant -> constant.value();
                    case Expr.Name variable -> scope.get(variable.name());
                    case Expr.ListOf(List<Expr> items) -> values(items, scope);
                    case Expr.TupleOf(List<Expr> items) -> new Tuple(values(items, scope));
                    case Expr.DictOf(List<Expr> keys, List<Expr> values) -> {
                        var dict = new Dict();
                        for (int i = 0; i < keys.size(); i++) {
                            dict.put(value(keys.get(i), scope), value(values.get(i), scope));
                        }
                        yield dict;
                    }
                    case Expr.Attribute(Expr object, String name, int line) ->
                        at(line, () -> Access.attribute(value(object, scope), name));
                    case Expr.Index(Expr object, Expr index, int line) ->
                        at(line, () -> item(value(object, scope), index, scope));
                    case Expr.Slice _ -> throw new TemplateException("unsupported: a slice besides other indices");
                    case Expr.Call(Expr function, Expr.Arguments arguments, int line) ->
                        at(line, () -> call(value(function, scope), arguments(arguments, scope)));
                    case Expr.Filter filter -> {
                        Object filtered = filter.value() == null ? null : value(filter.value(), scope);
                        yield filtered(filter, filtered, scope);
                    }
                    case Expr.Test(Expr tested, String name, Expr.Arguments arguments, int line) ->
                        at(line, () -> Tests.call(name, value(tested, scope), arguments(arguments, scope)));
                    case Expr.Not(Expr negated) -> !Values.truth(value(negated, scope));
                    case Expr.And(Expr left, Expr right) -> {
                        Object first = value(left, scope);
                        yield Values.truth(first) ? value(right, scope) : first;
                    }
                    case Expr.Or(Expr left, Expr right) -> {
                        Object first = value(left, scope);
                        yield Values.truth(first) ? first : value(right, scope);
                    }
                    case Expr.Conditional(Expr condition, Expr then, Expr otherwise) ->
                        Values.truth(value(condition, scope))
                                ? value(then, scope)
                                : otherwise == null
                                        ? new Undefined("the condition of an if without else is false")
                                        : value(otherwise, scope);
                    case Expr.Comparison comparison -> at(comparison.line(), () -> compared(comparison, scope));
                    case Expr.Binary(String operator, Expr left, Expr right, int line) ->
                        at(line, () -> Values.binary(operator, value(left, scope), value(right, scope)));
                    case Expr.Concatenation(List<Expr> parts) -> {
                        var text = new StringBuilder();
                        for (Expr part : parts) {
                            write(Values.text(value(part, scope)), text);
                        }
                        yield text.toString();
                    }
                    case Expr.Unary(String operator, Expr of, int line) ->
                        at(line, () -> signed(operator, value(of, scope)));
                };
        Budget.leave();
        return value;
    }

    private List<@Nullable Object> values(List<Expr> expressions, Scope scope) {
        var values = new ArrayList<@Nullable Object>(expressions.size());
        for (Expr expression : expressions) {
            values.add(value(expression, scope));
        }
        return values;
    }

    private @Nullable Object item(@Nullable Object object, Expr index, Scope scope) {
        if (index instanceof Expr.Slice(Expr start, Expr stop, Expr step)) {
            return Access.slice(object, bound(start, scope), bound(stop, scope), bound(step, scope));
        }
        return Access.item(object, value(index, scope));
    }

    private @Nullable Object bound(@Nullable Expr bound, Scope scope) {
        return bound == null ? null : value(bound, scope);
    }

    private @Nullable Object filtered(Expr.Filter filter, @Nullable Object value, Scope scope) {
        // Of a block, the innermost filter has no value of its own.
        Object of =
                filter.value() instanceof Expr.Filter inner && isOfBlock(inner) ? filtered(inner, value, scope) : value;
        return at(filter.line(), () -> Filters.call(filter.name(), of, arguments(filter.arguments(), scope)));
    }

    private static boolean isOfBlock(Expr.Filter filter) {
        return filter.value() == null || (filter.value() instanceof Expr.Filter inner && isOfBlock(inner));
    }

    private static @Nullable Object call(@Nullable Object function, Args args) {
        return switch (function) {
            case Function callable -> callable.call(args);
            case Undefined undefined -> throw undefined.failure();
            case null, default -> throw new TemplateException("a " + Values.type(function) + " cannot be called");
        };
    }

    private Args arguments(Expr.Arguments arguments, Scope scope) {
        if (arguments.positional().isEmpty()
                && arguments.list() == null
                && arguments.named().isEmpty()
                && arguments.dict() == null) {
            return Args.NONE;
        }
        List<@Nullable Object> positional = values(arguments.positional(), scope);
        if (arguments.list() != null) {
            positional.addAll(Values.list(value(arguments.list(), scope)));
        }
        if (arguments.named().isEmpty() && arguments.dict() == null) {
            return new Args(positional, Map.of());
        }
        Map<String, @Nullable Object> named = new LinkedHashMap<>();
        arguments.named().forEach((name, expression) -> named.put(name, value(expression, scope)));
        if (arguments.dict() != null) {
            if (!(value(arguments.dict(), scope) instanceof Dict dict)) {
                throw new TemplateException("** takes a dict");
            }
            for (Object key : dict.keys()) {
                if (!(key instanceof String name) || named.containsKey(name)) {
                    throw new TemplateException("an argument is given twice, or its name is no text: " + Repr.of(key));
                }
                named.put(name, dict.get(key));
            }
        }
        return new Args(positional, named);
    }

    private Object compared(Expr.Comparison comparison, Scope scope) {
        Object left = value(comparison.first(), scope);
        Iterator<Expr> others = comparison.others().iterator();
        for (String operator : comparison.operators()) {
            Object right = value(others.next(), scope);
            boolean holds =
                    switch (operator) {
                        case "in" -> Values.contains(right, left);
                        case "not in" -> !Values.contains(right, left);
                        default -> Tests.call(operator, left, new Args(List.of(), Map.of()).with(right));
                    };
            if (!holds) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private static Object signed(String operator, @Nullable Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (value == null || !Numbers.isNumber(value)) {
            throw new TemplateException("a " + Values.type(value) + " has no sign");
        }
        return operator.equals("-")
                ? Numbers.negate(value)
                : value instanceof Boolean ? Numbers.of(Numbers.whole(value)) : value;
    }
}
