package org.rlvr4j.data;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writer of plain values as JSON, exactly as Python's {@code json.dumps(value, ensure_ascii=False)} writes them. */
final class JsonText {

    private static final int LEAST_EXPONENT = -4; // of a number that Python writes without an exponent
    private static final int END_OF_EXPONENTS = 16;

    private final StringBuilder out = new StringBuilder();

    private JsonText() {}

    /**
     * JSON of maps, lists, text, numbers, truth values and nulls; keys keep their order.
     *
     * @throws IllegalArgumentException if there is another value, or a number that is not finite; the message names it
     */
    static String of(@Nullable Object value) {
        var text = new JsonText();
        text.write(value);
        return text.out.toString();
    }

    private void write(@Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case String given -> write(given);
            case Boolean given -> out.append((boolean) given);
            case Double given -> out.append(decimal(given, given.toString()));
            case Float given -> out.append(decimal(Double.parseDouble(given.toString()), given.toString()));
            case Number given -> out.append(given);
            case Map<?, ?> given -> write(given);
            case List<?> given -> write(given);
            case ParquetValue.Unreadable given -> throw new IllegalArgumentException(given.type());
            default -> throw new IllegalArgumentException(value.getClass().getSimpleName());
        }
    }

    private void write(Map<?, ?> map) {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator);
            write(String.valueOf(entry.getKey()));
            out.append(": ");
            write(entry.getValue());
            separator = ", ";
        }
        out.append(map.isEmpty() ? "{}" : "}");
    }

    private void write(List<?> list) {
        String separator = "[";
        for (Object item : list) {
            out.append(separator);
            write(item);
            separator = ", ";
        }
        out.append(list.isEmpty() ? "[]" : "]");
    }

    private void write(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            switch (letter) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> out.append(letter < ' ' ? "\\u%04x".formatted((int) letter) : String.valueOf(letter));
            }
        }
        out.append('"');
    }

    /** A number of floating point with the fewest digits that tell it, as Python's {@code repr} writes them. */
    private static String decimal(double value, String java) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(java);
        }
        BigDecimal digits = new BigDecimal(java).stripTrailingZeros();
        BigDecimal first = digits.round(new MathContext(1)); // Java writes at least two digits
        if (first.doubleValue() == value) {
            digits = first;
        }
        int exponent = digits.precision() - digits.scale() - 1;
        if (digits.signum() == 0 || (exponent >= LEAST_EXPONENT && exponent < END_OF_EXPONENTS)) {
            boolean isNegativeZero = digits.signum() == 0 && java.startsWith("-");
            String plain = digits.signum() == 0 ? "0" : digits.toPlainString();
            return (isNegativeZero ? "-" : "") + plain + (plain.indexOf('.') < 0 ? ".0" : "");
        }
        String all = digits.unscaledValue().abs().toString();
        return (digits.signum() < 0 ? "-" : "") + all.charAt(0) + (all.length() > 1 ? "." + all.substring(1) : "") + "e"
                + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }
}
