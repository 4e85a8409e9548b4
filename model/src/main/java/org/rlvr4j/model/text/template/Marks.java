package org.rlvr4j.model.text.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Places of a template's text that its {@code generation} blocks wrote. */
final class Marks {

    private final List<Template.Span> spans = new ArrayList<>();
    private @Nullable StringBuilder whole;

    /** Begins a text. */
    void begin(StringBuilder out) {
        whole = out;
        spans.clear();
    }

    /** Adds what has been written since an index. */
    void add(StringBuilder out, int from) {
        if (out != whole) {
            throw new TemplateException(
                    "a generation block in a macro, or in a block whose text is written later, has no"
                            + " place in the text; put it around the call");
        }
        spans.add(new Template.Span(from, out.length()));
    }

    List<Template.Span> spans() {
        return spans;
    }
}
