package org.rlvr4j.model.text.template.syntax;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parser of expressions: their operators, by Jinja's precedence. */
abstract class ExpressionParser extends OperandParser {

    ExpressionParser(List<Token> tokens, Names names) {
        super(tokens, names);
    }

    @Override
    Expr expression() {
        deeper();
        int known = unknown();
        Expr value = or();
        while (skipName("if")) {
            Expr condition = or();
            Expr otherwise = skipName("else") ? expression() : null;
            value = new Expr.Conditional(condition, value, otherwise);
            failLater(known);
        }
        shallower();
        return value;
    }

    @Override
    Expr or() {
        Expr left = and();
        while (skipName("or")) {
            left = new Expr.Or(left, and());
        }
        return left;
    }

    private Expr and() {
        Expr left = not();
        while (skipName("and")) {
            left = new Expr.And(left, not());
        }
        return left;
    }

    private Expr not() {
        if (!skipName("not")) {
            return comparison();
        }
        deeper();
        Expr value = new Expr.Not(not());
        shallower();
        return value;
    }

    private Expr comparison() {
        int line = token().line();
        Expr first = sum();
        var operators = new ArrayList<String>();
        var others = new ArrayList<Expr>();
        while (true) {
            Token token = token();
            if (token.is(Token.Kind.OPERATOR)
                    && Set.of("==", "!=", "<", "<=", ">", ">=").contains(token.text())) {
                operators.add(next().text());
            } else if (token.isName("in")) {
                next();
                operators.add("in");
            } else if (token.isName("not") && second().isName("in")) {
                next();
                next();
                operators.add("not in");
            } else {
                break;
            }
            others.add(sum());
        }
        return operators.isEmpty() ? first : new Expr.Comparison(first, operators, others, line);
    }

    private Expr sum() {
        Expr left = concatenation();
        while (token().isOperator("+") || token().isOperator("-")) {
            Token operator = next();
            left = new Expr.Binary(operator.text(), left, concatenation(), operator.line());
        }
        return left;
    }

    private Expr concatenation() {
        var parts = new ArrayList<>(List.of(product()));
        while (skip("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.getFirst() : new Expr.Concatenation(parts);
    }

    private Expr product() {
        Expr left = power();
        while (token().isOperator("*")
                || token().isOperator("/")
                || token().isOperator("//")
                || token().isOperator("%")) {
            Token operator = next();
            left = new Expr.Binary(operator.text(), left, power(), operator.line());
        }
        return left;
    }

    private Expr power() {
        Expr left = unary(true);
        while (token().isOperator("**")) {
            Token operator = next();
            left = new Expr.Binary("**", left, unary(true), operator.line());
        }
        return left;
    }

    private Expr unary(boolean withFilters) {
        Expr value;
        Token token = token();
        if (token.isOperator("-") || token.isOperator("+")) {
            next();
            deeper();
            value = new Expr.Unary(token.text(), unary(false), token.line());
            shallower();
        } else {
            value = primary();
        }
        value = postfix(value);
        return withFilters ? filtersAndTests(value) : value;
    }
}
