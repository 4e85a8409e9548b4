package org.rlvr4j.model.text.template.value;

/** Text that is safe in HTML, so that plain text added to it is escaped. */
public record Markup(String text) {

    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }
}
