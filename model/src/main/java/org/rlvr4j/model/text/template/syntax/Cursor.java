package org.rlvr4j.model.text.template.syntax;

import java.util.List;
import org.rlvr4j.model.text.template.syntax.Token.Kind;

/** Place in the tokens of a template, and how deep what is being read is nested. */
abstract class Cursor {

    private static final int MAX_DEPTH = 100; // of expressions within expressions, and blocks within blocks

    private final List<Token> tokens;
    private int at;
    private int depth;

    Cursor(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token token() {
        return tokens.get(at);
    }

    Token next() {
        Token token = tokens.get(at);
        if (at < tokens.size() - 1) {
            at++;
        }
        return token;
    }

    /** The token after the next one. */
    Token second() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    boolean skip(String operator) {
        boolean is = token().isOperator(operator);
        if (is) {
            next();
        }
        return is;
    }

    boolean skipName(String name) {
        boolean is = token().isName(name);
        if (is) {
            next();
        }
        return is;
    }

    void expect(String operator) {
        if (!skip(operator)) {
            throw failure("expected '" + operator + "' but found " + token().shown());
        }
    }

    Token expect(Kind kind, String what) {
        if (!token().is(kind)) {
            throw failure("expected " + what + " but found " + token().shown());
        }
        return next();
    }

    TemplateException failure(String message) {
        return new TemplateException(token().line(), message);
    }

    void shallower() {
        depth--;
    }

    void deeper() {
        if (++depth > MAX_DEPTH) {
            throw failure("it is nested more than " + MAX_DEPTH + " deep");
        }
    }

    boolean isOneOf(String... names) {
        for (String name : names) {
            if (token().isName(name)) {
                return true;
            }
        }
        return false;
    }
}
