package org.rlvr4j.eval.grader;

/**
 * A piece of LaTeX or plain text.
 *
 * @param kind   what it is
 * @param text   a number's digits, a run of letters, a command with its backslash, or a sign
 * @param spaced whether space goes before it
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

    /** Whether it opens a bracket; sizes of brackets are not kept. */
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
