package org.rlvr4j.model.text.template.value;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Methods of Python's text, lists, tuples, dicts and numbers. What Python has and is not here is refused by name. */
public final class Methods {

    private static final Set<String> STR = Set.of(
            "capitalize",
            "casefold",
            "center",
            "count",
            "endswith",
            "expandtabs",
            "find",
            "format",
            "index",
            "isalnum",
            "isalpha",
            "isascii",
            "isdecimal",
            "isdigit",
            "isidentifier",
            "islower",
            "isnumeric",
            "isprintable",
            "isspace",
            "istitle",
            "isupper",
            "join",
            "ljust",
            "lower",
            "lstrip",
            "partition",
            "removeprefix",
            "removesuffix",
            "replace",
            "rfind",
            "rindex",
            "rjust",
            "rpartition",
            "rsplit",
            "rstrip",
            "split",
            "splitlines",
            "startswith",
            "strip",
            "swapcase",
            "title",
            "upper",
            "zfill");
    private static final Set<String> STR_UNSUPPORTED = Set.of("encode", "format_map", "maketrans", "translate");
    private static final Set<String> NUMBER_UNSUPPORTED = Set.of(
            "as_integer_ratio",
            "bit_count",
            "bit_length",
            "conjugate",
            "denominator",
            "from_bytes",
            "fromhex",
            "hex",
            "imag",
            "is_integer",
            "numerator",
            "real",
            "to_bytes");

    private Methods() {}

    /** A method of a value; null if Python has none of this name. */
    static @Nullable Object of(@Nullable Object object, String type, String name) {
        boolean isKnown =
                switch (type) {
                    case "str" -> STR.contains(name);
                    case "list" -> Set.of("count", "index", "copy").contains(name);
                    case "tuple", "range" -> Set.of("count", "index").contains(name);
                    case "dict" ->
                        Set.of("get", "items", "keys", "values", "copy").contains(name);
                    default -> false;
                };
        boolean isUnsupported =
                switch (type) {
                    case "str" -> STR_UNSUPPORTED.contains(name);
                    case "dict" -> name.equals("fromkeys");
                    case "range" -> Set.of("start", "stop", "step").contains(name);
                    case "int", "bool", "float" -> NUMBER_UNSUPPORTED.contains(name);
                    case "dict_keys", "dict_values", "dict_items" ->
                        Set.of("isdisjoint", "mapping").contains(name);
                    default -> false;
                };
        if (isUnsupported) {
            throw new TemplateException("unsupported method '" + name + "' of a " + type);
        }
        return isKnown ? (Function) args -> call(object, name, args) : null;
    }

    private static @Nullable Object call(@Nullable Object object, String name, Args args) {
        return switch (object) {
            case String text -> text(text, name, args);
            case Markup markup -> remarked(text(markup.text(), name, args));
            case Dict dict -> dict(dict, name, args);
            case null, default -> sequence(object, name, args);
        };
    }

    private static @Nullable Object remarked(@Nullable Object result) {
        return result instanceof String text ? new Markup(text) : result;
    }

    private static @Nullable Object dict(Dict dict, String name, Args args) {
        if (name.equals("get")) {
            Args.Bound bound = positional(args, name, 1, "key", "default");
            Object key = bound.get("key", null);
            return dict.has(key) ? dict.get(key) : bound.get("default", null);
        }
        args.bind(name, 0);
        if (name.equals("copy")) {
            var copy = new Dict();
            dict.keys().forEach(key -> copy.put(key, dict.get(key)));
            return copy;
        }
        return new View("dict_" + name, dict);
    }

    private static Object sequence(@Nullable Object object, String name, Args args) {
        if (name.equals("copy")) {
            args.bind(name, 0);
            return Values.list(object);
        }
        List<@Nullable Object> items = Values.list(object);
        Args.Bound bound = positional(args, name, 1, "value", "start", "stop");
        Object value = bound.get("value", null);
        if (name.equals("count")) {
            return items.stream().filter(item -> Values.equal(item, value)).count();
        }
        int start = clamped(bound.number("start", 0), items.size());
        int stop = clamped(bound.number("stop", items.size()), items.size());
        for (int i = start; i < stop; i++) {
            if (Values.equal(items.get(i), value)) {
                return (long) i;
            }
        }
        throw new TemplateException(Repr.of(value) + " is not in the " + Values.type(object));
    }

    private static Args.Bound positional(Args args, String method, int mandatory, String... parameters) {
        if (!args.named().isEmpty()) {
            throw new TemplateException(method + " takes no named arguments");
        }
        return args.bind(method, mandatory, parameters);
    }

    private static int clamped(int bound, int length) {
        return bound < 0 ? Math.max(0, bound + length) : Math.min(bound, length);
    }

    private static @Nullable Object text(String text, String name, Args args) {
        return switch (name) {
            case "upper" -> none(args, name, Strings.upper(text));
            case "lower" -> none(args, name, Strings.lower(text));
            case "casefold" -> none(args, name, Strings.folded(text));
            case "capitalize" -> none(args, name, Strings.capitalized(text));
            case "title" -> none(args, name, Strings.title(text));
            case "swapcase" -> none(args, name, Strings.swapped(text));
            case "strip" -> stripped(text, name, args, true, true);
            case "lstrip" -> stripped(text, name, args, true, false);
            case "rstrip" -> stripped(text, name, args, false, true);
            case "split", "rsplit" -> split(text, name, args);
            case "splitlines" ->
                Strings.lines(text, args.bind(name, 0, "keepends").truth("keepends", false));
            case "partition", "rpartition" -> partitioned(text, name, args);
            case "startswith", "endswith" -> begins(text, name, args);
            case "find", "rfind", "index", "rindex", "count" -> found(text, name, args);
            case "replace" -> {
                Args.Bound bound = args.bind(name, 2, "old", "new", "count");
                yield Strings.replaced(text, bound.text("old", ""), bound.text("new", ""), bound.number("count", -1));
            }
            case "join" -> joined(text, positional(args, name, 1, "items").get("items", null));
            case "removeprefix" -> {
                String prefix = positional(args, name, 1, "prefix").text("prefix", "");
                yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
            }
            case "removesuffix" -> {
                String suffix = positional(args, name, 1, "suffix").text("suffix", "");
                yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
            }
            case "center", "ljust", "rjust" -> {
                Args.Bound bound = positional(args, name, 1, "width", "fill");
                yield Strings.padded(
                        text,
                        bound.number("width", 0),
                        bound.text("fill", " "),
                        !name.equals("ljust"),
                        !name.equals("rjust"));
            }
            case "zfill" -> zeroFilled(text, positional(args, name, 1, "width").number("width", 0));
            case "expandtabs" -> expanded(text, args.bind(name, 0, "tabsize").number("tabsize", 8));
            case "format" -> Formats.braces(text, args);
            default -> none(args, name, Characters.are(text, name));
        };
    }

    private static <T> T none(Args args, String name, T value) {
        args.bind(name, 0);
        return value;
    }

    private static String stripped(String text, String name, Args args, boolean leading, boolean trailing) {
        Args.Bound bound = positional(args, name, 0, "chars");
        String set = bound.get("chars", null) == null ? null : bound.text("chars", "");
        return Strings.strip(text, set, leading, trailing);
    }

    private static List<@Nullable Object> split(String text, String name, Args args) {
        Args.Bound bound = args.bind(name, 0, "sep", "maxsplit");
        String separator = bound.get("sep", null) == null ? null : bound.text("sep", "");
        return Strings.split(text, separator, bound.number("maxsplit", -1), name.equals("rsplit"));
    }

    private static Tuple partitioned(String text, String name, Args args) {
        String separator = positional(args, name, 1, "sep").text("sep", "");
        if (separator.isEmpty()) {
            throw new TemplateException("cannot split by an empty text");
        }
        boolean last = name.equals("rpartition");
        int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
        if (at < 0) {
            return new Tuple(last ? List.of("", "", text) : List.of(text, "", ""));
        }
        return new Tuple(List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
    }

    private static boolean begins(String text, String name, Args args) {
        Args.Bound bound = positional(args, name, 1, "affix", "start", "end");
        String part = between(text, bound);
        if (part == null) {
            return false;
        }
        Object affix = bound.get("affix", null);
        List<@Nullable Object> affixes = new ArrayList<>();
        if (affix instanceof Tuple tuple) {
            affixes.addAll(tuple.items());
        } else {
            affixes.add(affix);
        }
        for (Object each : affixes) {
            if (!Values.isText(each)) {
                throw new TemplateException(name + " takes text or a tuple of texts, not a " + Values.type(each));
            }
            String searched = Values.text(each);
            if (name.equals("startswith") ? part.startsWith(searched) : part.endsWith(searched)) {
                return true;
            }
        }
        return false;
    }

    /** The part of a text between two bounds; null if the first is beyond the end. */
    private static @Nullable String between(String text, Args.Bound bound) {
        int length = Strings.length(text);
        int start = bound.get("start", null) == null ? 0 : bound.number("start", 0);
        int end = bound.get("end", null) == null ? length : bound.number("end", length);
        int from = start < 0 ? Math.max(0, start + length) : start;
        return from > length ? null : Strings.between(text, from, Math.max(from, clamped(end, length)));
    }

    private static long found(String text, String name, Args args) {
        Args.Bound bound = positional(args, name, 1, "sub", "start", "end");
        String searched = bound.text("sub", "");
        String part = between(text, bound);
        int length = Strings.length(text);
        int start = bound.get("start", null) == null ? 0 : clamped(bound.number("start", 0), length);
        if (name.equals("count")) {
            return part == null ? 0 : count(part, searched);
        }
        int at = part == null ? -1 : name.startsWith("r") ? part.lastIndexOf(searched) : part.indexOf(searched);
        if (part == null || at < 0) {
            if (name.endsWith("index")) {
                throw new TemplateException("a text does not contain " + Repr.of(searched));
            }
            return -1;
        }
        return start + (long) part.codePointCount(0, at);
    }

    private static long count(String text, String searched) {
        if (searched.isEmpty()) {
            return Strings.length(text) + 1L;
        }
        long count = 0;
        for (int at = text.indexOf(searched); at >= 0; at = text.indexOf(searched, at + searched.length())) {
            count++;
        }
        return count;
    }

    public static String joined(String separator, @Nullable Object items) {
        var text = new StringBuilder();
        String between = "";
        Iterator<? extends @Nullable Object> all = Values.iterate(items);
        while (all.hasNext()) {
            Object item = all.next();
            if (!Values.isText(item)) {
                throw new TemplateException("join takes texts, not a " + Values.type(item));
            }
            Budget.step();
            Budget.size(
                    text.length()
                                            + (long) separator.length()
                                            + Values.text(item).length()
                                    > Budget.MAX_SIZE
                            ? Long.MAX_VALUE / 4
                            : separator.length() + Values.text(item).length());
            text.append(between).append(Values.text(item));
            between = separator;
        }
        return text.toString();
    }

    private static String zeroFilled(String text, int width) {
        int missing = Math.max(0, width - Strings.length(text));
        Budget.size(missing);
        boolean signed = text.startsWith("+") || text.startsWith("-");
        return signed ? text.charAt(0) + "0".repeat(missing) + text.substring(1) : "0".repeat(missing) + text;
    }

    private static String expanded(String text, int size) {
        var expanded = new StringBuilder();
        int column = 0;
        for (int c : text.codePoints().toArray()) {
            if (c == '\t') {
                int spaces = size > 0 ? size - column % size : 0;
                Budget.size(spaces);
                expanded.append(" ".repeat(spaces));
                column += spaces;
            } else {
                expanded.appendCodePoint(c);
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            }
        }
        return expanded.toString();
    }
}
