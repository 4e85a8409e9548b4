package org.rlvr4j.model.text.template;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;
import org.rlvr4j.model.text.template.value.Args;
import org.rlvr4j.model.text.template.value.Attributes;
import org.rlvr4j.model.text.template.value.Dict;
import org.rlvr4j.model.text.template.value.Function;
import org.rlvr4j.model.text.template.value.Namespace;
import org.rlvr4j.model.text.template.value.Range;
import org.rlvr4j.model.text.template.value.Undefined;
import org.rlvr4j.model.text.template.value.Values;

/** Functions that every template has. */
final class Globals {

    /** Jinja's {@code self}: the blocks of the template, of which a chat template has none. */
    record Self() implements Attributes {

        @Override
        public Undefined attribute(String name) {
            return new Undefined("'self' has no block '" + name + "'");
        }
    }

    private Globals() {}

    static Scope scope(Clock clock) {
        Scope scope = Scope.outermost();
        scope.set("range", (Function) Globals::range);
        scope.set("dict", (Function) Globals::dict);
        scope.set("namespace", (Function) Globals::namespace);
        scope.set("cycler", (Function) args -> {
            noneNamed(args, "cycler");
            return new Cycler(args.positional());
        });
        scope.set("joiner", (Function) Globals::joiner);
        scope.set("raise_exception", (Function) args -> {
            throw new TemplateException(
                    Values.text(args.bind("raise_exception", 1, "message").get("message", null)));
        });
        scope.set("strftime_now", (Function)
                args -> date(args.bind("strftime_now", 1, "format").text("format", ""), ZonedDateTime.now(clock)));
        scope.set("self", new Self());
        scope.set("lipsum", (Function) _ -> {
            throw new TemplateException("unsupported function 'lipsum'");
        });
        return scope;
    }

    private static void noneNamed(Args args, String function) {
        if (!args.named().isEmpty()) {
            throw new TemplateException(function + " takes no named arguments");
        }
    }

    private static Range range(Args args) {
        noneNamed(args, "range");
        List<@Nullable Object> bounds = args.positional();
        return switch (bounds.size()) {
            case 1 -> Range.limited(0, Values.index(bounds.get(0)), 1);
            case 2 -> Range.limited(Values.index(bounds.get(0)), Values.index(bounds.get(1)), 1);
            case 3 ->
                Range.limited(Values.index(bounds.get(0)), Values.index(bounds.get(1)), Values.index(bounds.get(2)));
            default -> throw new TemplateException("range takes one to three numbers");
        };
    }

    private static Dict dict(Args args) {
        if (args.positional().size() > 1) {
            throw new TemplateException("dict takes at most one value besides named ones");
        }
        var dict = new Dict();
        if (args.positional().size() == 1) {
            Object first = args.positional().getFirst();
            if (first instanceof Dict other) {
                other.keys().forEach(key -> dict.put(key, other.get(key)));
            } else {
                for (Object pair : Values.list(first)) {
                    List<@Nullable Object> both = Values.list(pair);
                    if (both.size() != 2) {
                        throw new TemplateException("dict takes pairs, not " + both.size() + " values");
                    }
                    dict.put(both.get(0), both.get(1));
                }
            }
        }
        args.named().forEach(dict::put);
        return dict;
    }

    private static Namespace namespace(Args args) {
        var namespace = new Namespace();
        Dict attributes = dict(args);
        for (Object key : attributes.keys()) {
            namespace.set(Values.text(key), attributes.get(key));
        }
        return namespace;
    }

    private static Function joiner(Args args) {
        Object separator = args.bind("joiner", 0, "sep").get("sep", ", ");
        boolean[] used = {false};
        return call -> {
            call.bind("joiner", 0);
            Object value = used[0] ? separator : "";
            used[0] = true;
            return value;
        };
    }

    /** Python's {@code strftime} in the C locale. */
    private static String date(String format, ZonedDateTime time) {
        var text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                text.append(c);
                continue;
            }
            String flag = i + 1 < format.length() && format.charAt(i + 1) == '-' ? "-" : "";
            i += 1 + flag.length();
            String field = i < format.length() ? format.substring(i, i + 1) : "";
            text.append(field(field, flag, time));
        }
        return text.toString();
    }

    private static String field(String field, String flag, ZonedDateTime time) {
        boolean bare = !flag.isEmpty(); // without leading zeros
        int hour = time.getHour();
        return switch (field) {
            case "Y" -> String.valueOf(time.getYear());
            case "y" -> digits(time.getYear() % 100, 2, bare);
            case "m" -> digits(time.getMonthValue(), 2, bare);
            case "d" -> digits(time.getDayOfMonth(), 2, bare);
            case "H" -> digits(hour, 2, bare);
            case "I" -> digits(hour % 12 == 0 ? 12 : hour % 12, 2, bare);
            case "M" -> digits(time.getMinute(), 2, bare);
            case "S" -> digits(time.getSecond(), 2, bare);
            case "j" -> digits(time.getDayOfYear(), 3, bare);
            case "p" -> hour < 12 ? "AM" : "PM";
            case "B" -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case "b" ->
                time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH).substring(0, 3);
            case "A" -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case "a" ->
                time.getDayOfWeek()
                        .getDisplayName(TextStyle.FULL, Locale.ENGLISH)
                        .substring(0, 3);
            case "%" -> "%";
            default -> throw new TemplateException("unsupported field '%" + flag + field + "' of strftime_now");
        };
    }

    private static String digits(int number, int width, boolean bare) {
        return bare ? String.valueOf(number) : ("%0" + width + "d").formatted(number);
    }
}
