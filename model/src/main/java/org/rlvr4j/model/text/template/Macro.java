package org.rlvr4j.model.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.Expr;
import org.rlvr4j.model.text.template.syntax.Node;
import org.rlvr4j.model.text.template.syntax.TemplateException;
import org.rlvr4j.model.text.template.value.Args;
import org.rlvr4j.model.text.template.value.Attributes;
import org.rlvr4j.model.text.template.value.Dict;
import org.rlvr4j.model.text.template.value.Function;
import org.rlvr4j.model.text.template.value.Tuple;
import org.rlvr4j.model.text.template.value.Undefined;

/** Function that a template defines. Its variables are those of where it is defined. */
final class Macro implements Function, Attributes {

    private final Interpreter interpreter;
    private final Node.Macro node;
    private final Scope around;

    Macro(Interpreter interpreter, Node.Macro node, Scope around) {
        this.interpreter = interpreter;
        this.node = node;
        this.around = around;
    }

    @Override
    public @Nullable Object call(Args args) {
        Scope scope = around.inner();
        bind(args, scope);
        return interpreter.text(node.body(), scope);
    }

    @Override
    public @Nullable Object attribute(String name) {
        throw new TemplateException("unsupported attribute '" + name + "' of a macro");
    }

    private void bind(Args args, Scope scope) {
        List<String> names = node.signature().names();
        List<Expr> defaults = node.signature().defaults();
        var named = new LinkedHashMap<String, @Nullable Object>(args.named());
        int given = Math.min(args.positional().size(), names.size());
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            int ofDefault = i - (names.size() - defaults.size());
            Object value;
            if (i < given) {
                value = args.positional().get(i);
            } else if (named.containsKey(name)) {
                value = named.remove(name);
            } else if (ofDefault >= 0) {
                value = interpreter.value(defaults.get(ofDefault), scope);
            } else {
                value = new Undefined("parameter '" + name + "' was not provided");
            }
            scope.set(name, value);
        }
        rest(args, named, given, scope);
    }

    /** The arguments that no parameter is for. */
    private void rest(Args args, Map<String, @Nullable Object> named, int given, Scope scope) {
        if (node.uses().contains("caller") && !node.signature().names().contains("caller")) {
            Object caller = named.remove("caller");
            scope.set("caller", caller == null ? new Undefined("no caller defined") : caller);
        }
        if (node.uses().contains("kwargs")) {
            var dict = new Dict();
            named.forEach(dict::put);
            scope.set("kwargs", dict);
        } else if (!named.isEmpty()) {
            throw new TemplateException("macro '" + node.name() + "' takes no argument '"
                    + named.keySet().iterator().next() + "'");
        }
        List<@Nullable Object> more =
                args.positional().subList(given, args.positional().size());
        if (node.uses().contains("varargs")) {
            scope.set("varargs", new Tuple(new ArrayList<>(more)));
        } else if (!more.isEmpty()) {
            throw new TemplateException("macro '" + node.name() + "' takes not more than "
                    + node.signature().names().size() + " arguments");
        }
    }
}
