package org.rlvr4j.model.text.template.syntax;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.Token.Kind;

/** Parser of what operators stand between: literals, variables, and what follows these, from an index to a filter. */
abstract class OperandParser extends Cursor {

    /** Names of the variables that were read. */
    Set<String> uses = new HashSet<>();

    /** Whether a filter or test that is not known fails only when it is reached: within an {@code if}, as Jinja. */
    boolean isConditional;

    private final List<TemplateException> unknown = new ArrayList<>();
    private final Names names;

    OperandParser(List<Token> tokens, Names names) {
        super(tokens);
        this.names = names;
    }

    /** Any expression. */
    abstract Expr expression();

    /** An expression without a condition outside of parentheses. */
    abstract Expr or();

    Expr primary() {
        Token token = next();
        return switch (token.kind()) {
            case NAME ->
                switch (token.text()) {
                    case "true", "True" -> new Expr.Constant(true);
                    case "false", "False" -> new Expr.Constant(false);
                    case "none", "None" -> new Expr.Constant(null);
                    default -> {
                        uses.add(token.text());
                        yield new Expr.Name(token.text(), token.line());
                    }
                };
            case STRING -> {
                var text = new StringBuilder(token.text());
                while (token().is(Kind.STRING)) {
                    text.append(next().text());
                }
                yield new Expr.Constant(text.toString());
            }
            case INTEGER -> new Expr.Constant(integer(token.text()));
            case FLOAT -> new Expr.Constant(Double.valueOf(token.text()));
            case OPERATOR ->
                switch (token.text()) {
                    case "(" -> {
                        Expr inside = tuple(true, Set.of(), true);
                        expect(")");
                        yield inside;
                    }
                    case "[" -> new Expr.ListOf(items("]"));
                    case "{" -> dict();
                    default -> throw new TemplateException(token.line(), "unexpected " + token.shown());
                };
            default -> throw new TemplateException(token.line(), "unexpected " + token.shown());
        };
    }

    private static Object integer(String text) {
        String digits = text.toLowerCase(java.util.Locale.ROOT);
        BigInteger value = digits.startsWith("0x")
                ? new BigInteger(digits.substring(2), 16)
                : digits.startsWith("0o")
                        ? new BigInteger(digits.substring(2), 8)
                        : digits.startsWith("0b") ? new BigInteger(digits.substring(2), 2) : new BigInteger(digits);
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private List<Expr> items(String end) {
        var items = new ArrayList<Expr>();
        while (!token().isOperator(end)) {
            if (!items.isEmpty()) {
                expect(",");
                if (token().isOperator(end)) {
                    break;
                }
            }
            items.add(expression());
        }
        next();
        return items;
    }

    private Expr dict() {
        var keys = new ArrayList<Expr>();
        var values = new ArrayList<Expr>();
        while (!token().isOperator("}")) {
            if (!keys.isEmpty()) {
                expect(",");
                if (token().isOperator("}")) {
                    break;
                }
            }
            keys.add(expression());
            expect(":");
            values.add(expression());
        }
        next();
        return new Expr.DictOf(keys, values);
    }

    /**
     * One expression, or several as a tuple.
     *
     * @param withConditions whether an expression may be {@code a if b else c}
     * @param ends           names that end it
     * @param isInside       parentheses, so that it may be empty
     */
    Expr tuple(boolean withConditions, Set<String> ends, boolean isInside) {
        var items = new ArrayList<Expr>();
        boolean isTuple = false;
        while (true) {
            if (!items.isEmpty()) {
                expect(",");
            }
            Token token = token();
            if (token.is(Kind.VARIABLE_END)
                    || token.is(Kind.BLOCK_END)
                    || token.isOperator(")")
                    || (token.is(Kind.NAME) && ends.contains(token.text()))) {
                break;
            }
            items.add(withConditions ? expression() : shallow());
            if (!token().isOperator(",")) {
                break;
            }
            isTuple = true;
        }
        if (!isTuple) {
            if (!items.isEmpty()) {
                return items.getFirst();
            }
            if (!isInside) {
                throw failure("expected an expression but found " + token().shown());
            }
        }
        return new Expr.TupleOf(items);
    }

    private Expr shallow() {
        deeper();
        Expr value = or();
        shallower();
        return value;
    }

    Expr postfix(Expr value) {
        Expr result = value;
        while (true) {
            if (token().isOperator(".")) {
                result = attribute(result);
            } else if (token().isOperator("[")) {
                result = index(result);
            } else if (token().isOperator("(")) {
                result = call(result);
            } else {
                return result;
            }
        }
    }

    private Expr attribute(Expr value) {
        int line = next().line();
        Token name = next();
        if (name.is(Kind.NAME)) {
            return new Expr.Attribute(value, name.text(), line);
        }
        if (name.is(Kind.INTEGER)) {
            return new Expr.Index(value, new Expr.Constant(integer(name.text())), line);
        }
        throw new TemplateException(name.line(), "expected a name or a number but found " + name.shown());
    }

    private Expr index(Expr value) {
        int line = next().line();
        var indices = new ArrayList<Expr>();
        while (!token().isOperator("]")) {
            if (!indices.isEmpty()) {
                expect(",");
            }
            indices.add(subscript());
        }
        next();
        return new Expr.Index(value, indices.size() == 1 ? indices.getFirst() : new Expr.TupleOf(indices), line);
    }

    private Expr subscript() {
        Expr start = null;
        if (!token().isOperator(":")) {
            start = expression();
            if (!token().isOperator(":")) {
                return start;
            }
        }
        next();
        Expr stop = null;
        if (!token().isOperator(":") && !token().isOperator("]") && !token().isOperator(",")) {
            stop = expression();
        }
        Expr step = null;
        if (skip(":") && !token().isOperator("]") && !token().isOperator(",")) {
            step = expression();
        }
        return new Expr.Slice(start, stop, step);
    }

    private Expr.Call call(Expr function) {
        int line = token().line();
        return new Expr.Call(function, arguments(), line);
    }

    private Expr.Arguments arguments() {
        deeper();
        expect("(");
        var positional = new ArrayList<Expr>();
        var named = new LinkedHashMap<String, Expr>();
        Expr list = null;
        Expr dict = null;
        boolean first = true;
        while (!token().isOperator(")")) {
            if (!first) {
                expect(",");
                if (token().isOperator(")")) {
                    break;
                }
            }
            first = false;
            if (list == null && dict == null && skip("*")) {
                list = expression();
            } else if (dict == null && skip("**")) {
                dict = expression();
            } else if (dict == null && token().is(Kind.NAME) && second().isOperator("=")) {
                Token name = next();
                next();
                if (named.put(name.text(), expression()) != null) {
                    throw new TemplateException(name.line(), "argument '" + name.text() + "' is given twice");
                }
            } else if (dict == null && list == null && named.isEmpty()) {
                positional.add(expression());
            } else {
                throw failure("arguments are in a wrong order");
            }
        }
        next();
        shallower();
        return new Expr.Arguments(positional, named, list, dict);
    }

    Expr filtersAndTests(Expr value) {
        Expr result = value;
        while (true) {
            if (token().isOperator("|")) {
                next();
                result = filter(result);
            } else if (token().isName("is")) {
                result = test(result);
            } else if (token().isOperator("(")) {
                result = call(result);
            } else {
                return result;
            }
        }
    }

    @Nullable
    Expr filters(@Nullable Expr value) {
        Expr result = value;
        while (skip("|")) {
            result = filter(result);
        }
        return result;
    }

    Expr filter(@Nullable Expr value) {
        Token name = expect(Kind.NAME, "the name of a filter");
        if (!names.filters().contains(name.text())) {
            boolean isJinjas = names.unsupportedFilters().contains(name.text());
            unknown(name, (isJinjas ? "unsupported" : "unknown") + " filter");
        }
        Expr.Arguments arguments = token().isOperator("(") ? arguments() : Expr.Arguments.NONE;
        return new Expr.Filter(value, name.text(), arguments, name.line());
    }

    private void unknown(Token name, String what) {
        if (!isConditional) {
            unknown.add(new TemplateException(name.line(), what + " '" + name.text() + "'"));
        }
    }

    /** How many names that are not known were read. */
    int unknown() {
        return unknown.size();
    }

    /** Takes the names that are not known, from one on, as those of a condition: they fail when they are reached. */
    void failLater(int from) {
        unknown.subList(from, unknown.size()).clear();
    }

    /** Fails if a name that is not known was read. */
    void refuseUnknown() {
        if (!unknown.isEmpty()) {
            throw unknown.getFirst();
        }
    }

    private Expr test(Expr value) {
        int line = next().line();
        boolean negated = skipName("not");
        Token name = expect(Kind.NAME, "the name of a test");
        if (!names.tests().contains(name.text())) {
            unknown(name, "unknown test");
        }
        Expr.Arguments arguments = Expr.Arguments.NONE;
        Token token = token();
        if (token.isOperator("(")) {
            arguments = arguments();
        } else if (token.is(Kind.STRING)
                || token.is(Kind.INTEGER)
                || token.is(Kind.FLOAT)
                || token.isOperator("[")
                || token.isOperator("{")
                || (token.is(Kind.NAME) && !isOneOf("else", "or", "and"))) {
            if (token.isName("is")) {
                throw failure("tests cannot be chained");
            }
            arguments = new Expr.Arguments(List.of(postfix(primary())), java.util.Map.of(), null, null);
        }
        Expr test = new Expr.Test(value, name.text(), arguments, line);
        return negated ? new Expr.Not(test) : test;
    }
}
