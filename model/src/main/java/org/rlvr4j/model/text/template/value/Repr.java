package org.rlvr4j.model.text.template.value;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Python's {@code repr}: a value's text as a literal, also within lists and dicts. */
public final class Repr {

    private Repr() {}

    /** Python's {@code repr}. */
    public static String of(@Nullable Object value) {
        var text = new StringBuilder();
        write(value, text, 0);
        Budget.size(text.length());
        return text.toString();
    }

    private static void write(@Nullable Object value, StringBuilder text, int depth) {
        Budget.step();
        if (depth > Values.MAX_DEPTH) {
            throw new TemplateException("lists are nested more than " + Values.MAX_DEPTH + " deep");
        }
        switch (value) {
            case null -> text.append("None");
            case Boolean truth -> text.append(truth ? "True" : "False");
            case Long number -> text.append(number);
            case BigInteger number -> text.append(number);
            case Double number -> text.append(Numbers.text(number));
            case String string -> Strings.repr(string, text);
            case Markup markup -> {
                text.append("Markup(");
                Strings.repr(markup.text(), text);
                text.append(')');
            }
            case Undefined _ -> text.append("Undefined");
            case List<?> list -> items(list, "[", "]", text, depth);
            case Tuple tuple -> items(tuple.items(), "(", tuple.items().size() == 1 ? ",)" : ")", text, depth);
            case Dict dict -> dict(dict, text, depth);
            case Range range ->
                text.append("range(" + range.start() + ", " + range.stop()
                        + (range.step() == 1 ? "" : ", " + range.step()) + ")");
            case View view -> {
                text.append(view.kind()).append('(');
                items(view.items(), "[", "]", text, depth);
                text.append(')');
            }
            case Namespace namespace -> {
                text.append("<Namespace ");
                dict(namespace.dict(), text, depth);
                text.append('>');
            }
            default -> throw new TemplateException("unsupported: the text of a " + Values.type(value));
        }
        Budget.size(text.length() / 64); // of what has been written so far, a share
    }

    private static void items(List<?> items, String begin, String end, StringBuilder text, int depth) {
        text.append(begin);
        for (int i = 0; i < items.size(); i++) {
            text.append(i == 0 ? "" : ", ");
            write(items.get(i), text, depth + 1);
        }
        text.append(end);
    }

    private static void dict(Dict dict, StringBuilder text, int depth) {
        text.append('{');
        String separator = "";
        for (Object item : dict.items()) {
            if (item instanceof Tuple(List<@Nullable Object> pair)) {
                text.append(separator);
                write(pair.get(0), text, depth + 1);
                text.append(": ");
                write(pair.get(1), text, depth + 1);
                separator = ", ";
            }
        }
        text.append('}');
    }
}
