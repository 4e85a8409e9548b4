package org.rlvr4j.model.text.template.syntax;

/**
 * Lexical unit of a template.
 *
 * @param text of a string without quotes and escapes, of a number without underscores, of anything else as it stands
 * @param line in the template, counted from 1
 */
record Token(Kind kind, String text, int line) {

    /** Class of a token. */
    enum Kind {
        DATA,
        VARIABLE_BEGIN,
        VARIABLE_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Kind other) {
        return kind == other;
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    /** For messages. */
    String shown() {
        return kind == Kind.END
                ? "the end"
                : kind == Kind.BLOCK_END || kind == Kind.VARIABLE_END ? "the end of the tag" : "'" + text + "'";
    }
}
