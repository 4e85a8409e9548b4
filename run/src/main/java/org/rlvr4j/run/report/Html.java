package org.rlvr4j.run.report;

/** HTML: escaped text and style classes for all parts of the page. */
final class Html {

    private static final int COLOURS = 7;

    private Html() {}

    /** Text escaped for use in an element or in a quoted attribute. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /**
     * CSS classes of a series, given its index: its colour, and dashes that distinguish it from others of that
     * colour.
     */
    static String style(int series) {
        return "c" + series % COLOURS + " d" + series / COLOURS % 3;
    }
}
