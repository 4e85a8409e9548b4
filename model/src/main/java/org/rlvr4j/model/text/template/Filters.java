package org.rlvr4j.model.text.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.Chars;
import org.rlvr4j.model.text.template.syntax.TemplateException;
import org.rlvr4j.model.text.template.value.Args;
import org.rlvr4j.model.text.template.value.Budget;
import org.rlvr4j.model.text.template.value.Dict;
import org.rlvr4j.model.text.template.value.Formats;
import org.rlvr4j.model.text.template.value.JsonText;
import org.rlvr4j.model.text.template.value.Markup;
import org.rlvr4j.model.text.template.value.Numbers;
import org.rlvr4j.model.text.template.value.Strings;
import org.rlvr4j.model.text.template.value.Tuple;
import org.rlvr4j.model.text.template.value.Undefined;
import org.rlvr4j.model.text.template.value.Values;

/** Jinja's filters of one value: {@code value | name(arguments)}. Those of all items of a value are {@link ItemFilters}. */
final class Filters {

    private static final Set<String> NAMES = Set.of(
            "abs",
            "capitalize",
            "center",
            "d",
            "default",
            "e",
            "escape",
            "float",
            "forceescape",
            "format",
            "indent",
            "int",
            "lower",
            "replace",
            "round",
            "safe",
            "string",
            "title",
            "tojson",
            "trim",
            "upper",
            "wordcount");
    /** Names of filters that Jinja has besides. */
    static final Set<String> UNSUPPORTED = Set.of(
            "attr",
            "filesizeformat",
            "groupby",
            "pprint",
            "random",
            "striptags",
            "truncate",
            "urlencode",
            "urlize",
            "wordwrap",
            "xmlattr");

    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_]+");
    private static final Pattern TITLE_BREAK = Pattern.compile("[-({\\[<]|" + Chars.SPACE);
    private static final Pattern FLOAT = Pattern.compile(
            "[+-]?(?:(?:\\d+(?:_\\d+)*)(?:\\.(?:\\d+(?:_\\d+)*)?)?|\\.\\d+(?:_\\d+)*)(?:[eE][+-]?\\d+(?:_\\d+)*)?");
    private static final Pattern INFINITE = Pattern.compile("([+-]?)(inf(?:inity)?|nan)");

    private Filters() {}

    /** Names of all filters, those of items included. */
    static Set<String> names() {
        var names = new HashSet<String>(NAMES);
        names.addAll(ItemFilters.NAMES);
        return names;
    }

    static @Nullable Object call(String name, @Nullable Object value, Args args) {
        if (ItemFilters.NAMES.contains(name)) {
            return ItemFilters.call(name, value, args);
        }
        if (!NAMES.contains(name)) {
            throw new TemplateException(
                    (UNSUPPORTED.contains(name) ? "unsupported" : "unknown") + " filter '" + name + "'");
        }
        return one(name, value, args);
    }

    private static @Nullable Object one(String name, @Nullable Object value, Args args) {
        return switch (name) {
            case "abs" -> none(args, name, absolute(value));
            case "capitalize" -> none(args, name, kept(value, Strings::capitalized));
            case "lower" -> none(args, name, kept(value, Strings::lower));
            case "upper" -> none(args, name, kept(value, Strings::upper));
            case "title" -> none(args, name, title(Values.text(value)));
            case "string" -> none(args, name, kept(value, text -> text));
            case "safe" -> none(args, name, new Markup(Values.text(value)));
            case "e", "escape" ->
                none(args, name, value instanceof Markup ? value : new Markup(Markup.escape(Values.text(value))));
            case "forceescape" -> none(args, name, new Markup(Markup.escape(Values.text(value))));
            case "wordcount" ->
                none(args, name, WORD.matcher(Values.text(value)).results().count());
            case "tojson" -> JsonText.of(value, args);
            case "center" -> {
                int width = args.bind(name, 0, "width").number("width", 80);
                yield kept(value, text -> Strings.padded(text, width, " ", true, true));
            }
            case "trim" -> {
                Args.Bound bound = args.bind(name, 0, "chars");
                String set = bound.get("chars", null) == null ? null : bound.text("chars", "");
                yield kept(value, text -> Strings.strip(text, set, true, true));
            }
            case "replace" -> {
                Args.Bound bound = args.bind(name, 2, "old", "new", "count");
                int count = bound.get("count", null) == null ? -1 : bound.number("count", -1);
                yield Strings.replaced(
                        Values.text(value),
                        Values.text(bound.get("old", null)),
                        Values.text(bound.get("new", null)),
                        count);
            }
            case "d", "default" -> {
                Args.Bound bound = args.bind(name, 0, "default_value", "boolean");
                boolean replaced =
                        value instanceof Undefined || (bound.truth("boolean", false) && !Values.truth(value));
                yield replaced ? bound.get("default_value", "") : value;
            }
            case "int" -> {
                Args.Bound bound = args.bind(name, 0, "default", "base");
                yield whole(value, bound.get("default", 0L), bound.number("base", 10));
            }
            case "float" -> real(value, args.bind(name, 0, "default").get("default", 0.0));
            case "round" -> rounded(value, args.bind(name, 0, "precision", "method"));
            case "indent" -> indented(Values.text(value), args.bind(name, 0, "width", "first", "blank"));
            default -> format(value, args);
        };
    }

    private static <T> T none(Args args, String name, T value) {
        args.bind(name, 0);
        return value;
    }

    /** A text from a value's text; it is as safe as that. */
    private static Object kept(@Nullable Object value, UnaryOperator<String> change) {
        String text = change.apply(Values.text(value));
        return value instanceof Markup ? new Markup(text) : text;
    }

    private static Object absolute(@Nullable Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (value == null || !Numbers.isNumber(value)) {
            throw new TemplateException("a " + Values.type(value) + " has no absolute value");
        }
        return value instanceof Double number
                ? (Object) Math.abs(number)
                : Numbers.of(Numbers.whole(value).abs());
    }

    /** Each word begins with a capital; what follows a space or an opening bracket is a word. */
    private static String title(String text) {
        var title = new StringBuilder();
        boolean begins = true;
        for (int c : text.codePoints().toArray()) {
            String one = Character.toString(c);
            boolean breaks = TITLE_BREAK.matcher(one).matches();
            title.append(begins && !breaks ? Strings.upper(one) : Strings.lower(one));
            begins = breaks;
        }
        return title.toString();
    }

    private static @Nullable Object whole(@Nullable Object value, @Nullable Object otherwise, int base) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (Values.isText(value)) {
            String text = Strings.strip(Values.text(value), null, true, true);
            BigInteger whole = wholeOf(text, base);
            if (whole != null) {
                return Numbers.of(whole);
            }
            Double real = real(text);
            return real != null && Double.isFinite(real) ? Numbers.truncated(real) : otherwise;
        }
        if (value instanceof Double number) {
            return Double.isNaN(number) ? otherwise : Numbers.truncated(number);
        }
        return value != null && Numbers.isNumber(value) ? Numbers.of(Numbers.whole(value)) : otherwise;
    }

    /** Python's {@code int(text, base)}; null if it is none. */
    private static @Nullable BigInteger wholeOf(String text, int base) {
        if (base != 0 && (base < 2 || base > 36)) {
            throw new TemplateException("the base of a number must be 0, or from 2 to 36");
        }
        boolean signed = text.startsWith("-") || text.startsWith("+");
        String digits = (signed ? text.substring(1) : text).toLowerCase(Locale.ROOT);
        String prefix = digits.length() > 1 ? digits.substring(0, 2) : "";
        int ofPrefix = prefix.equals("0x") ? 16 : prefix.equals("0o") ? 8 : prefix.equals("0b") ? 2 : 0;
        int radix = base == 0 ? (ofPrefix == 0 ? 10 : ofPrefix) : base;
        if (ofPrefix != 0 && radix == ofPrefix) {
            digits = digits.substring(2);
            digits = digits.startsWith("_") ? digits.substring(1) : digits;
        }
        String bare = digits.replace("_", "");
        if (digits.isEmpty() || digits.startsWith("_") || digits.endsWith("_") || digits.contains("__")) {
            return null;
        }
        if (base == 0 && ofPrefix == 0 && bare.startsWith("0") && !bare.matches("0+")) {
            return null; // as a literal, it would be an error
        }
        if (bare.isEmpty() || !bare.codePoints().allMatch(c -> Character.digit(c, radix) >= 0)) {
            return null;
        }
        Budget.size(bare.length());
        if (bare.length() > 4300) { // as Python
            return null;
        }
        var number = new BigInteger(bare, radix);
        return text.startsWith("-") ? number.negate() : number;
    }

    private static @Nullable Object real(@Nullable Object value, @Nullable Object otherwise) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (Values.isText(value)) {
            Double number = real(Strings.strip(Values.text(value), null, true, true));
            return number == null ? otherwise : number;
        }
        return value != null && Numbers.isNumber(value) ? (Object) Numbers.real(value) : otherwise;
    }

    private static @Nullable Double real(String text) {
        var infinite = INFINITE.matcher(text.toLowerCase(Locale.ROOT));
        if (infinite.matches()) {
            double value = infinite.group(2).equals("nan") ? Double.NaN : Double.POSITIVE_INFINITY;
            return infinite.group(1).equals("-") ? -value : value;
        }
        return FLOAT.matcher(text).matches() ? Double.valueOf(text.replace("_", "")) : null;
    }

    private static Object rounded(@Nullable Object value, Args.Bound bound) {
        String method = bound.text("method", "common");
        int digits = bound.number("precision", 0);
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (value == null || !Numbers.isNumber(value)) {
            throw new TemplateException("a " + Values.type(value) + " cannot be rounded");
        }
        if (method.equals("common")) {
            return Numbers.rounded(value, digits);
        }
        if (!method.equals("ceil") && !method.equals("floor")) {
            throw new TemplateException("round takes the methods common, ceil and floor");
        }
        Object scale = Numbers.binary("**", 10L, (long) digits);
        Object scaled = Numbers.binary("*", value, scale);
        Object bounded = scaled instanceof Double number
                ? Numbers.truncated(method.equals("ceil") ? Math.ceil(number) : Math.floor(number))
                : scaled;
        return Numbers.binary("/", bounded, scale);
    }

    private static String indented(String text, Args.Bound bound) {
        Object width = bound.get("width", 4L);
        int spaces = Values.isText(width) ? 0 : Math.max(0, Values.index(width));
        Budget.size(spaces);
        String indent = Values.isText(width) ? Values.text(width) : " ".repeat(spaces);
        boolean blank = bound.truth("blank", false);
        var indented = new StringBuilder();
        String separator = bound.truth("first", false) ? indent : "";
        List<@Nullable Object> lines = Strings.lines(text + "\n", false);
        for (int i = 0; i < lines.size(); i++) {
            String line = Values.text(lines.get(i));
            String before = i == 0 ? separator : "\n" + (blank || !line.isEmpty() ? indent : "");
            Budget.size(before.length() + (long) line.length());
            indented.append(before).append(line);
        }
        return indented.toString();
    }

    private static Object format(@Nullable Object value, Args args) {
        if (!args.named().isEmpty() && !args.positional().isEmpty()) {
            throw new TemplateException("format takes positional or named arguments, not both");
        }
        if (args.named().isEmpty()) {
            return Formats.percent(Values.text(value), new Tuple(new ArrayList<>(args.positional())));
        }
        var dict = new Dict();
        args.named().forEach(dict::put);
        return Formats.percent(Values.text(value), dict);
    }
}
