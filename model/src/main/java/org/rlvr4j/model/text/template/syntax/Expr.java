package org.rlvr4j.model.text.template.syntax;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Expression of a template. */
public sealed interface Expr {

    /** A literal: text, number, truth value, or none as null. */
    record Constant(@Nullable Object value) implements Expr {}

    /** A variable. */
    record Name(String name, int line) implements Expr {}

    record ListOf(List<Expr> items) implements Expr {}

    record TupleOf(List<Expr> items) implements Expr {}

    record DictOf(List<Expr> keys, List<Expr> values) implements Expr {}

    /** {@code object.name} */
    record Attribute(Expr object, String name, int line) implements Expr {}

    /** {@code object[index]} */
    record Index(Expr object, Expr index, int line) implements Expr {}

    /** {@code start:stop:step} as an index. */
    record Slice(
            @Nullable Expr start,
            @Nullable Expr stop,
            @Nullable Expr step) implements Expr {}

    record Call(Expr function, Arguments arguments, int line) implements Expr {}

    /** {@code value | name(arguments)}; of a block, there is no value. */
    record Filter(@Nullable Expr value, String name, Arguments arguments, int line) implements Expr {}

    /** {@code value is name(arguments)} */
    record Test(Expr value, String name, Arguments arguments, int line) implements Expr {}

    record Not(Expr value) implements Expr {}

    record And(Expr left, Expr right) implements Expr {}

    record Or(Expr left, Expr right) implements Expr {}

    /** {@code then if condition else otherwise} */
    record Conditional(Expr condition, Expr then, @Nullable Expr otherwise) implements Expr {}

    /** {@code first < second <= third}: each operator between two neighbours. */
    record Comparison(Expr first, List<String> operators, List<Expr> others, int line) implements Expr {}

    /** {@code + - * / // % **} */
    record Binary(String operator, Expr left, Expr right, int line) implements Expr {}

    /** {@code a ~ b ~ c} */
    record Concatenation(List<Expr> parts) implements Expr {}

    /** {@code + -} before a value. */
    record Unary(String operator, Expr value, int line) implements Expr {}

    /**
     * Arguments of a call.
     *
     * @param positional in their order
     * @param named      by name, in their order
     * @param list       more positional ones: {@code *list}
     * @param dict       more named ones: {@code **dict}
     */
    record Arguments(
            List<Expr> positional,
            Map<String, Expr> named,
            @Nullable Expr list,
            @Nullable Expr dict) {

        static final Arguments NONE = new Arguments(List.of(), Map.of(), null, null);
    }
}
