package org.rlvr4j.model.text.template.syntax;

/** Failure of a template: what it does wrongly, or what is not supported, and the line. */
public final class TemplateException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String message;
    private final int line;

    public TemplateException(String message) {
        this(0, message);
    }

    public TemplateException(int line, String message) {
        super(message);
        this.message = message;
        this.line = line;
    }

    /** The line in the template, counted from 1; 0 if it is not known. */
    public int line() {
        return line;
    }

    /** The same failure with a line, unless it has one. */
    public TemplateException at(int number) {
        return line > 0 ? this : new TemplateException(number, message);
    }
}
