package org.rlvr4j.eval.grader;

/**
 * Token of LaTeX or plain text.
 *
 * @param kind   kind of the token
 * @param text   digits of a number, run of letters, command with its backslash, or sign
 * @param spaced whether white space precedes the token
 */
record Token(Kind kind, String text, boolean spaced) {

    enum Kind {
        NUMBER,
        /** Letters in mathematics, which may be a product: {@code xy}. */
        LETTERS,
        /** Letters in text. */
        WORD,
        COMMAND,
        SIGN
    }

    boolean is(String sign) {
        return text.equals(sign) && kind != Kind.WORD;
    }

    boolean isLetters() {
        return kind == Kind.LETTERS || kind == Kind.WORD;
    }

    /** Whether the token opens a bracket; sizes of brackets are no tokens. */
    boolean opens() {
        return switch (text) {
            case "(", "[", "{", "\\{", "\\langle", "\\lfloor", "\\lceil" -> true;
            default -> text.startsWith("\\begin");
        };
    }

    boolean closes() {
        return switch (text) {
            case ")", "]", "}", "\\}", "\\rangle", "\\rfloor", "\\rceil" -> true;
            default -> text.startsWith("\\end");
        };
    }
}
