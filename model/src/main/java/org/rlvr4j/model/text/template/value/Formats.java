package org.rlvr4j.model.text.template.value;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Python's two ways to put values into text: {@code '%s' % x} and {@code '{}'.format(x)}, as far as templates use them. */
public final class Formats {

    private static final Pattern PERCENT = Pattern.compile(
            "%(?:\\((?<key>[^)]*)\\))?(?<flags>[-+ 0#]*)(?<width>\\d+)?(?:\\.(?<digits>\\d+))?(?<kind>.)",
            Pattern.DOTALL);
    private static final Pattern SPEC = Pattern.compile(
            "(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+"
                    + " ])?(?<zero>0)?(?<width>\\d+)?(?<comma>,)?(?:\\.(?<digits>\\d+))?(?<kind>[a-zA-Z%])?",
            Pattern.DOTALL);
    private static final int MAX_WIDTH = 10_000;

    private Formats() {}

    /** {@code format % values}: one value, a tuple of several, or a dict. */
    public static String percent(String format, @Nullable Object values) {
        List<@Nullable Object> all = new ArrayList<>();
        if (values instanceof Tuple tuple) {
            all.addAll(tuple.items());
        } else {
            all.add(values);
        }
        var text = new StringBuilder();
        Matcher matcher = PERCENT.matcher(format);
        int end = 0;
        int used = 0;
        for (int at = format.indexOf('%'); at >= 0; at = format.indexOf('%', end)) {
            text.append(format, end, at);
            if (!matcher.find(at) || matcher.start() != at) {
                throw new TemplateException("an incomplete format");
            }
            end = matcher.end();
            String kind = matcher.group("kind");
            if (kind.equals("%")) {
                text.append('%');
                continue;
            }
            String key = matcher.group("key");
            Object value;
            if (key != null) {
                if (!(values instanceof Dict dict) || !dict.has(key)) {
                    throw new TemplateException("a format needs the key '" + key + "'");
                }
                value = dict.get(key);
            } else {
                if (used == all.size()) {
                    throw new TemplateException("a format has too few values");
                }
                value = all.get(used++);
            }
            text.append(formatted(value, matcher));
            Budget.size(text.length() / 16);
        }
        boolean free = values instanceof Dict || values instanceof List<?>;
        if (used < all.size() && !(free && used == 0 && !(values instanceof Tuple))) {
            throw new TemplateException("a format has too many values");
        }
        return text.append(format.substring(end)).toString();
    }

    private static String formatted(@Nullable Object value, Matcher matcher) {
        String flags = matcher.group("flags");
        String digits = matcher.group("digits");
        int width = bounded(matcher.group("width"));
        String body =
                switch (matcher.group("kind")) {
                    case "s" -> cut(Values.text(value), digits);
                    case "r" -> cut(Repr.of(value), digits);
                    case "d", "i", "u" -> {
                        if (digits != null) {
                            throw new TemplateException("unsupported format of a whole number with digits");
                        }
                        yield signed(whole(value), flags);
                    }
                    case "f", "F" -> signed(fixed(value, digits == null ? 6 : bounded(digits)), flags);
                    case "x" -> signed(hex(value), flags);
                    default -> throw new TemplateException("unsupported format '%" + matcher.group("kind") + "'");
                };
        if (flags.contains("#")) {
            throw new TemplateException("unsupported format flag '#'");
        }
        boolean isNumber =
                !matcher.group("kind").equals("s") && !matcher.group("kind").equals("r");
        if (flags.contains("-")) {
            return Strings.padded(body, width, " ", false, true);
        }
        if (flags.contains("0") && isNumber) {
            return zeroed(body, width);
        }
        return Strings.padded(body, width, " ", true, false);
    }

    private static int bounded(@Nullable String digits) {
        if (digits == null) {
            return 0;
        }
        if (digits.length() > 5 || Integer.parseInt(digits) > MAX_WIDTH) {
            throw new TemplateException("a format is wider than " + MAX_WIDTH);
        }
        return Integer.parseInt(digits);
    }

    private static String cut(String text, @Nullable String digits) {
        return digits == null ? text : Strings.between(text, 0, bounded(digits));
    }

    private static String whole(@Nullable Object value) {
        if (value instanceof Double number) {
            return Numbers.truncated(number).toString();
        }
        if (value == null || !Numbers.isWhole(value)) {
            throw new TemplateException("a format needs a number, not a " + Values.type(value));
        }
        return Numbers.whole(value).toString();
    }

    private static String hex(@Nullable Object value) {
        if (value == null || !Numbers.isWhole(value)) {
            throw new TemplateException("a format needs a whole number, not a " + Values.type(value));
        }
        return Numbers.whole(value).toString(16);
    }

    private static String fixed(@Nullable Object value, int digits) {
        if (value == null || !Numbers.isNumber(value)) {
            throw new TemplateException("a format needs a number, not a " + Values.type(value));
        }
        double number = Numbers.real(value);
        if (!Double.isFinite(number)) {
            return Numbers.text(number);
        }
        String text =
                new BigDecimal(number).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
        boolean negative = number < 0 || 1 / number < 0;
        return negative && !text.startsWith("-") ? "-" + text : text;
    }

    private static String signed(String number, String flags) {
        if (number.startsWith("-")) {
            return number;
        }
        return flags.contains("+") ? "+" + number : flags.contains(" ") ? " " + number : number;
    }

    private static String zeroed(String number, int width) {
        int missing = Math.max(0, width - number.length());
        boolean signed = "+- ".indexOf(number.charAt(0)) >= 0;
        return signed ? number.charAt(0) + "0".repeat(missing) + number.substring(1) : "0".repeat(missing) + number;
    }

    /** {@code format.format(values)}: fields by position or name, with {@code !s}, {@code !r} and simple specifications. */
    static String braces(String format, Args args) {
        var text = new StringBuilder();
        int automatic = 0;
        boolean numbered = false;
        int i = 0;
        while (i < format.length()) {
            char c = format.charAt(i);
            if (c == '{' || c == '}') {
                if (i + 1 < format.length() && format.charAt(i + 1) == c) {
                    text.append(c);
                    i += 2;
                    continue;
                }
                int end = format.indexOf('}', i);
                if (c == '}' || end < 0) {
                    throw new TemplateException("a format has a single brace");
                }
                String field = format.substring(i + 1, end);
                if (field.contains("{")) {
                    throw new TemplateException("unsupported format: a field within a field");
                }
                int colon = field.indexOf(':');
                String spec = colon < 0 ? "" : field.substring(colon + 1);
                String head = colon < 0 ? field : field.substring(0, colon);
                int bang = head.indexOf('!');
                String conversion = bang < 0 ? "" : head.substring(bang + 1);
                String name = bang < 0 ? head : head.substring(0, bang);
                Object value;
                if (name.isEmpty()) {
                    if (numbered) {
                        throw new TemplateException("a format has numbered and unnumbered fields");
                    }
                    value = positional(args, automatic++);
                } else if (name.matches("\\d{1,4}")) {
                    if (automatic > 0) {
                        throw new TemplateException("a format has numbered and unnumbered fields");
                    }
                    numbered = true;
                    value = positional(args, Integer.parseInt(name));
                } else if (name.matches("\\w+")) {
                    if (!args.named().containsKey(name)) {
                        throw new TemplateException("a format needs the argument '" + name + "'");
                    }
                    value = args.named().get(name);
                } else {
                    throw new TemplateException("unsupported format field '" + name + "'");
                }
                Object converted =
                        switch (conversion) {
                            case "" -> value;
                            case "s" -> Values.text(value);
                            case "r" -> Repr.of(value);
                            default -> throw new TemplateException("unsupported conversion '!" + conversion + "'");
                        };
                text.append(specified(converted, spec));
                Budget.size(text.length() / 16);
                i = end + 1;
            } else {
                text.append(c);
                i++;
            }
        }
        return text.toString();
    }

    private static @Nullable Object positional(Args args, int i) {
        if (i >= args.positional().size()) {
            throw new TemplateException("a format has too few values");
        }
        return args.positional().get(i);
    }

    private static String specified(@Nullable Object value, String spec) {
        if (spec.isEmpty()) {
            return Values.text(value);
        }
        Matcher matcher = SPEC.matcher(spec);
        if (!matcher.matches()) {
            throw new TemplateException("unsupported format specification '" + spec + "'");
        }
        boolean isText = Values.isText(value);
        if (!isText && (value == null || !Numbers.isNumber(value) || value instanceof Boolean)) {
            throw new TemplateException("unsupported format of a " + Values.type(value));
        }
        String kind = matcher.group("kind") == null ? "" : matcher.group("kind");
        String digits = matcher.group("digits");
        String sign = matcher.group("sign") == null ? "" : matcher.group("sign");
        String body;
        if (isText) {
            if ((!kind.isEmpty() && !kind.equals("s")) || !sign.isEmpty() || matcher.group("comma") != null) {
                throw new TemplateException("unsupported format specification '" + spec + "' of text");
            }
            body = cut(Values.text(value), digits);
        } else {
            body = number(value, kind, digits, matcher.group("comma") != null);
            body = signed(body, sign);
        }
        int width = bounded(matcher.group("width"));
        String align = matcher.group("align");
        String fill = matcher.group("fill") != null ? matcher.group("fill") : " ";
        if (align == null && matcher.group("zero") != null) {
            if (isText) {
                return Strings.padded(body, width, "0", false, true);
            }
            return zeroed(body, width);
        }
        if ("=".equals(align) || matcher.group("zero") != null) {
            throw new TemplateException("unsupported format specification '" + spec + "'");
        }
        String side = align == null ? (isText ? "<" : ">") : align;
        return switch (side) {
            case "<" -> Strings.padded(body, width, fill, false, true);
            case ">" -> Strings.padded(body, width, fill, true, false);
            default -> {
                int missing = Math.max(0, width - Strings.length(body));
                yield fill.repeat(missing / 2) + body + fill.repeat(missing - missing / 2);
            }
        };
    }

    private static String number(@Nullable Object value, String kind, @Nullable String digits, boolean comma) {
        String text =
                switch (kind) {
                    case "d" -> {
                        if (value instanceof Double || digits != null) {
                            throw new TemplateException("unsupported format 'd' of a float, or with digits");
                        }
                        yield whole(value);
                    }
                    case "f", "F" -> fixed(value, digits == null ? 6 : bounded(digits));
                    case "%" ->
                        fixed(Numbers.real(Objects.requireNonNull(value)) * 100, digits == null ? 6 : bounded(digits))
                                + "%";
                    case "x" -> hex(value);
                    case "" -> {
                        if (digits != null) {
                            throw new TemplateException("unsupported format of a number with digits and no kind");
                        }
                        yield Values.text(value);
                    }
                    default -> throw new TemplateException("unsupported format '" + kind + "'");
                };
        return comma ? grouped(text) : text;
    }

    private static String grouped(String number) {
        int start = number.startsWith("-") ? 1 : 0;
        int end = start;
        while (end < number.length() && Character.isDigit(number.charAt(end))) {
            end++;
        }
        String whole = number.substring(start, end);
        var grouped = new StringBuilder(number.substring(0, start));
        for (int i = 0; i < whole.length(); i++) {
            grouped.append(i > 0 && (whole.length() - i) % 3 == 0 ? "," : "").append(whole.charAt(i));
        }
        return grouped.append(number.substring(end)).toString();
    }
}
