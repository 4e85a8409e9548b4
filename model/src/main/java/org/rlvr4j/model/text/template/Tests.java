package org.rlvr4j.model.text.template;

import java.math.BigInteger;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;
import org.rlvr4j.model.text.template.value.Args;
import org.rlvr4j.model.text.template.value.Characters;
import org.rlvr4j.model.text.template.value.Dict;
import org.rlvr4j.model.text.template.value.Function;
import org.rlvr4j.model.text.template.value.Generator;
import org.rlvr4j.model.text.template.value.Markup;
import org.rlvr4j.model.text.template.value.Numbers;
import org.rlvr4j.model.text.template.value.Undefined;
import org.rlvr4j.model.text.template.value.Values;
import org.rlvr4j.model.text.template.value.View;

/** Jinja's tests: {@code value is name(arguments)}. */
final class Tests {

    static final Set<String> NAMES = Set.of(
            "!=",
            "<",
            "<=",
            "==",
            ">",
            ">=",
            "boolean",
            "callable",
            "defined",
            "divisibleby",
            "eq",
            "equalto",
            "escaped",
            "even",
            "false",
            "filter",
            "float",
            "ge",
            "greaterthan",
            "gt",
            "in",
            "integer",
            "iterable",
            "le",
            "lessthan",
            "lower",
            "lt",
            "mapping",
            "ne",
            "none",
            "number",
            "odd",
            "sameas",
            "sequence",
            "string",
            "test",
            "true",
            "undefined",
            "upper");
    private static final int SMALL = 256; // up to here, Python's equal numbers are one object

    private Tests() {}

    static boolean call(String name, @Nullable Object value, Args args) {
        return switch (name) {
            case "==", "eq", "equalto" -> Values.equal(value, other(args, name));
            case "!=", "ne" -> !Values.equal(value, other(args, name));
            case "<", "lt", "lessthan" -> Values.compare(value, other(args, name)) < 0;
            case "<=", "le" -> Values.compare(value, other(args, name)) <= 0;
            case ">", "gt", "greaterthan" -> Values.compare(value, other(args, name)) > 0;
            case ">=", "ge" -> Values.compare(value, other(args, name)) >= 0;
            case "in" -> Values.contains(other(args, name), value);
            case "sameas" -> same(value, other(args, name));
            case "divisibleby" ->
                isZero(Values.binary("%", value, args.bind(name, 1, "num").get("num", null)));
            default -> {
                args.bind(name, 0);
                yield is(name, value);
            }
        };
    }

    private static @Nullable Object other(Args args, String name) {
        return args.bind(name, 1, "other").get("other", null);
    }

    private static boolean is(String name, @Nullable Object value) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == null;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "integer" -> value instanceof Long || value instanceof BigInteger;
            case "float" -> value instanceof Double;
            case "number" -> value != null && Numbers.isNumber(value);
            case "string" -> Values.isText(value);
            case "mapping" -> value instanceof Dict;
            case "sequence" -> Values.isIterable(value) && !(value instanceof View) && !(value instanceof Generator);
            case "iterable" -> Values.isIterable(value) || value instanceof Loop || value instanceof Globals.Self;
            case "callable" -> value instanceof Function || value instanceof Undefined;
            case "escaped" -> value instanceof Markup;
            case "odd" -> Values.equal(Values.binary("%", value, 2L), 1L);
            case "even" -> isZero(Values.binary("%", value, 2L));
            case "lower" -> cased(value, "islower");
            case "upper" -> cased(value, "isupper");
            case "filter" ->
                value instanceof String text && (Filters.names().contains(text) || Filters.UNSUPPORTED.contains(text));
            case "test" -> value instanceof String text && NAMES.contains(text);
            default -> throw new TemplateException("unknown test '" + name + "'");
        };
    }

    private static boolean cased(@Nullable Object value, String method) {
        return Characters.are(Values.text(value), method);
    }

    private static boolean isZero(Object value) {
        return Values.equal(value, 0L);
    }

    private static boolean same(@Nullable Object a, @Nullable Object b) {
        if (a == null || b == null || a instanceof Boolean || b instanceof Boolean) {
            return Objects.equals(a, b);
        }
        if (a instanceof Long x && b instanceof Long y && Math.abs(x) <= SMALL) {
            return x.equals(y) && x > -6;
        }
        if (!(a instanceof Dict) && !(a instanceof Undefined)) {
            if (!Values.equal(a, b)) {
                return false;
            }
            throw new TemplateException(
                    "unsupported: whether a " + Values.type(a) + " is the same as one that is equal");
        }
        return a.equals(b);
    }
}
