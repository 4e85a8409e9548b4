package org.rlvr4j.model.text.template.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Statement of a template, or text. */
public sealed interface Node {

    record Text(String text) implements Node {}

    /** {@code {{ value }}} */
    record Output(Expr value, int line) implements Node {}

    /** {@code {% if %}}, with {@code elif} as an if in the other branch. */
    record If(Expr condition, List<Node> then, List<Node> otherwise) implements Node {}

    /**
     * {@code {% for target in items if condition recursive %}}
     *
     * @param otherwise without any item
     */
    record For(
            Target target,
            Expr items,
            @Nullable Expr condition,
            boolean recursive,
            List<Node> body,
            List<Node> otherwise,
            int line)
            implements Node {}

    record Break() implements Node {}

    record Continue() implements Node {}

    /** {@code {% set target = value %}} */
    record Set(Target target, Expr value, int line) implements Node {}

    /** {@code {% set target | filter %}body{% endset %}} */
    record SetBlock(Target target, Expr.@Nullable Filter filter, List<Node> body, int line) implements Node {}

    /** {@code {% with target = value %}} */
    record With(List<Target> targets, List<Expr> values, List<Node> body, int line) implements Node {}

    /**
     * {@code {% macro name(parameters) %}}
     *
     * @param uses names that the body uses: {@code caller}, {@code kwargs} and {@code varargs} make it take more arguments
     */
    record Macro(String name, Signature signature, java.util.Set<String> uses, List<Node> body) implements Node {}

    /** {@code {% call(parameters) call %}body{% endcall %}}: the call may call the body, as {@code caller}. */
    record CallBlock(Expr.Call call, Macro caller, int line) implements Node {}

    /** {@code {% filter name %}body{% endfilter %}} */
    record FilterBlock(Expr.Filter filter, List<Node> body, int line) implements Node {}

    /** {@code {% generation %}body{% endgeneration %}}: text that an assistant wrote. */
    record Generation(List<Node> body) implements Node {}

    /** Parameters of a macro; the last ones have defaults. */
    record Signature(List<String> names, List<Expr> defaults) {}

    /** Place that a value is put into. */
    sealed interface Target {

        record Variable(String name) implements Target {}

        /** Attribute of a namespace. */
        record Member(String namespace, String name) implements Target {}

        record Several(List<Target> targets) implements Target {}
    }
}
