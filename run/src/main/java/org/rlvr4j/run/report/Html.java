package org.rlvr4j.run.report;

/** What every part of the page needs. */
final class Html {

    private static final int COLOURS = 7;

    private Html() {}

    /** Text that means nothing but itself, in an element or between quotes. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** The CSS classes of a series: its colour, and the dashes that tell it from others of that colour. */
    static String style(int series) {
        return "c" + series % COLOURS + " d" + series / COLOURS % 3;
    }
}
