package org.rlvr4j.model.text.template.value;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Values as JSON, as Transformers' filter {@code tojson} writes them by Python's {@code json.dumps}. */
public final class JsonText {

    private final boolean ascii;
    private final boolean sorted;
    private final @Nullable String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final StringBuilder out = new StringBuilder();

    private JsonText(
            boolean ascii, boolean sorted, @Nullable String indent, String itemSeparator, String keySeparator) {
        this.ascii = ascii;
        this.sorted = sorted;
        this.indent = indent;
        this.itemSeparator = itemSeparator;
        this.keySeparator = keySeparator;
    }

    public static String of(@Nullable Object value, Args args) {
        Args.Bound bound = args.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        Object indent = bound.get("indent", null);
        String step =
                switch (indent) {
                    case null -> null;
                    case String text -> text;
                    default -> {
                        int width = Math.max(0, Values.index(indent));
                        Budget.size(width);
                        yield " ".repeat(width);
                    }
                };
        String item = step == null ? ", " : ",";
        String key = ": ";
        if (bound.get("separators", null) != null) {
            List<@Nullable Object> both = Values.list(bound.get("separators", null));
            if (both.size() != 2) {
                throw new TemplateException("separators of tojson are two texts");
            }
            item = Values.text(both.get(0));
            key = Values.text(both.get(1));
        }
        var json = new JsonText(bound.truth("ensure_ascii", false), bound.truth("sort_keys", false), step, item, key);
        json.write(value, 0);
        return json.out.toString();
    }

    private void write(@Nullable Object value, int depth) {
        Budget.step();
        if (depth > 100) {
            throw new TemplateException("lists are nested more than 100 deep");
        }
        switch (value) {
            case null -> out.append("null");
            case Boolean truth -> out.append(truth);
            case Long number -> out.append(number);
            case BigInteger number -> out.append(number);
            case Double number -> out.append(real(number));
            case String text -> quote(text);
            case Markup markup -> quote(markup.text());
            case List<?> list -> items(list, depth);
            case Tuple tuple -> items(tuple.items(), depth);
            case Dict dict -> dict(dict, depth);
            default -> throw new TemplateException("a " + Values.type(value) + " cannot be written as JSON");
        }
    }

    private static String real(double number) {
        String text = Numbers.text(number);
        return switch (text) {
            case "nan" -> "NaN";
            case "inf" -> "Infinity";
            case "-inf" -> "-Infinity";
            default -> text;
        };
    }

    private void items(List<?> items, int depth) {
        out.append('[');
        for (int i = 0; i < items.size(); i++) {
            out.append(i == 0 ? "" : itemSeparator);
            newLine(depth + 1);
            write(items.get(i), depth + 1);
        }
        if (!items.isEmpty()) {
            newLine(depth);
        }
        out.append(']');
    }

    private void dict(Dict dict, int depth) {
        out.append('{');
        List<@Nullable Object> keys = new ArrayList<>(dict.keys());
        if (sorted) {
            keys.sort(Values::compare);
        }
        for (int i = 0; i < keys.size(); i++) {
            out.append(i == 0 ? "" : itemSeparator);
            newLine(depth + 1);
            quote(key(keys.get(i)));
            out.append(keySeparator);
            write(dict.get(keys.get(i)), depth + 1);
        }
        if (!keys.isEmpty()) {
            newLine(depth);
        }
        out.append('}');
    }

    private static String key(@Nullable Object key) {
        return switch (key) {
            case String text -> text;
            case Markup markup -> markup.text();
            case null -> "null";
            case Boolean truth -> truth.toString();
            case Double number -> real(number);
            case Long _, BigInteger _ -> key.toString();
            default -> throw new TemplateException("a " + Values.type(key) + " cannot be a key in JSON");
        };
    }

    private void newLine(int depth) {
        if (indent != null) {
            Budget.size((long) indent.length() * depth + 1);
            out.append('\n').append(indent.repeat(depth));
        }
    }

    private void quote(String text) {
        Budget.size(text.length());
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c < 0x20 || (ascii && c > 0x7e)) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
        if (out.length() > Budget.MAX_SIZE) {
            Budget.size(Long.MAX_VALUE / 4);
        }
    }
}
