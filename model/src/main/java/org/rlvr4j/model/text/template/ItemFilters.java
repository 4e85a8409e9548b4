package org.rlvr4j.model.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;
import org.rlvr4j.model.text.template.value.Access;
import org.rlvr4j.model.text.template.value.Args;
import org.rlvr4j.model.text.template.value.Budget;
import org.rlvr4j.model.text.template.value.Dict;
import org.rlvr4j.model.text.template.value.Generator;
import org.rlvr4j.model.text.template.value.Markup;
import org.rlvr4j.model.text.template.value.Methods;
import org.rlvr4j.model.text.template.value.Strings;
import org.rlvr4j.model.text.template.value.Undefined;
import org.rlvr4j.model.text.template.value.Values;

/** Jinja's filters of values with items: lists, text, dicts. */
final class ItemFilters {

    static final Set<String> NAMES = Set.of(
            "batch",
            "count",
            "dictsort",
            "first",
            "items",
            "join",
            "last",
            "length",
            "list",
            "map",
            "max",
            "min",
            "reject",
            "rejectattr",
            "reverse",
            "select",
            "selectattr",
            "slice",
            "sort",
            "sum",
            "unique");

    private ItemFilters() {}

    static @Nullable Object call(String name, @Nullable Object value, Args args) {
        return switch (name) {
            case "count", "length" -> none(args, name, (long) Values.length(value));
            case "list" -> none(args, name, Values.list(value));
            case "first" -> {
                Iterator<? extends @Nullable Object> items = none(args, name, Values.iterate(value));
                yield items.hasNext() ? items.next() : new Undefined("there is no first item");
            }
            case "last" -> {
                args.bind(name, 0);
                yield last(value);
            }
            case "reverse" -> none(args, name, reversed(value));
            case "join" -> joined(value, args.bind(name, 0, "d", "attribute"));
            case "sum" -> sum(value, args.bind(name, 0, "attribute", "start"));
            case "min", "max" -> extreme(name, value, args.bind(name, 0, "case_sensitive", "attribute"));
            case "sort" -> sorted(value, args.bind(name, 0, "reverse", "case_sensitive", "attribute"));
            case "dictsort" -> dictSorted(value, args.bind(name, 0, "case_sensitive", "by", "reverse"));
            case "items" -> none(args, name, pairs(value));
            case "unique" -> unique(value, args.bind(name, 0, "case_sensitive", "attribute"));
            case "map" -> map(value, args);
            case "select", "reject" -> selected(value, args, false, name.equals("select"));
            case "selectattr", "rejectattr" -> selected(value, args, true, name.equals("selectattr"));
            case "batch" -> batches(value, args.bind(name, 1, "linecount", "fill_with"));
            default -> slices(value, args.bind(name, 1, "slices", "fill_with"));
        };
    }

    private static <T> T none(Args args, String name, T value) {
        args.bind(name, 0);
        return value;
    }

    private static Stream<@Nullable Object> stream(@Nullable Object value) {
        Spliterator<@Nullable Object> items =
                Spliterators.spliteratorUnknownSize(Values.iterate(value), Spliterator.ORDERED);
        return StreamSupport.stream(items, false).peek(_ -> Budget.step());
    }

    private static @Nullable Object last(@Nullable Object value) {
        if (value instanceof Generator) {
            throw new TemplateException("a generator has no last item");
        }
        List<@Nullable Object> items = Values.list(value);
        return items.isEmpty() ? new Undefined("there is no last item") : items.getLast();
    }

    private static Object reversed(@Nullable Object value) {
        if (Values.isText(value)) {
            String text = Strings.reversed(Values.text(value));
            return value instanceof Markup ? new Markup(text) : text;
        }
        List<@Nullable Object> items = Values.list(value);
        Collections.reverse(items);
        return value instanceof Generator ? items : new Generator(items.iterator());
    }

    /** The parts of an attribute such as {@code a.b.0}. */
    private static UnaryOperator<@Nullable Object> attribute(@Nullable Object attribute) {
        return attribute(attribute, null);
    }

    /** With a default for what is not there, at any part. */
    private static UnaryOperator<@Nullable Object> attribute(@Nullable Object attribute, @Nullable Object otherwise) {
        var parts = new ArrayList<Object>();
        if (attribute instanceof String path) {
            for (String part : path.split("\\.", -1)) {
                parts.add(part.matches("\\d+") ? (Object) Long.valueOf(part) : part);
            }
        } else if (attribute != null) {
            parts.add(attribute);
        }
        return item -> {
            Object value = item;
            for (Object part : parts) {
                Object of = Access.item(value, part);
                value = otherwise != null && of instanceof Undefined ? otherwise : of;
            }
            return value;
        };
    }

    private static UnaryOperator<@Nullable Object> key(@Nullable Object attribute, boolean caseSensitive) {
        UnaryOperator<@Nullable Object> of = attribute(attribute);
        return item -> {
            Object value = of.apply(item);
            return !caseSensitive && Values.isText(value) ? Strings.lower(Values.text(value)) : value;
        };
    }

    private static String joined(@Nullable Object value, Args.Bound bound) {
        UnaryOperator<@Nullable Object> of = attribute(bound.get("attribute", null));
        List<@Nullable Object> texts = new ArrayList<>();
        stream(value).forEach(item -> texts.add(Values.text(of.apply(item))));
        return Methods.joined(Values.text(bound.get("d", "")), texts);
    }

    private static @Nullable Object sum(@Nullable Object value, Args.Bound bound) {
        UnaryOperator<@Nullable Object> of = attribute(bound.get("attribute", null));
        Object sum = bound.get("start", 0L);
        if (Values.isText(sum)) {
            throw new TemplateException("sum adds no texts");
        }
        Iterator<@Nullable Object> items = stream(value).iterator();
        while (items.hasNext()) {
            sum = Values.binary("+", sum, of.apply(items.next()));
        }
        return sum;
    }

    private static @Nullable Object extreme(String name, @Nullable Object value, Args.Bound bound) {
        UnaryOperator<@Nullable Object> key = key(bound.get("attribute", null), bound.truth("case_sensitive", false));
        Iterator<? extends @Nullable Object> items = Values.iterate(value);
        if (!items.hasNext()) {
            return new Undefined("no aggregated item, sequence was empty");
        }
        Object best = items.next();
        Object bestKey = key.apply(best);
        while (items.hasNext()) {
            Object item = items.next();
            Object itemKey = key.apply(item);
            int order = Values.compare(itemKey, bestKey);
            if (name.equals("min") ? order < 0 : order > 0) {
                best = item;
                bestKey = itemKey;
            }
        }
        return best;
    }

    private static List<@Nullable Object> sorted(@Nullable Object value, Args.Bound bound) {
        boolean caseSensitive = bound.truth("case_sensitive", false);
        var keys = new ArrayList<UnaryOperator<@Nullable Object>>();
        if (bound.get("attribute", null) instanceof String several) {
            for (String each : several.split(",", -1)) {
                keys.add(key(each, caseSensitive));
            }
        } else {
            keys.add(key(bound.get("attribute", null), caseSensitive));
        }
        List<@Nullable Object> sorted = Values.list(value);
        sort(sorted, bound.truth("reverse", false), item -> {
            var all = new ArrayList<@Nullable Object>();
            keys.forEach(key -> all.add(key.apply(item)));
            return all;
        });
        return sorted;
    }

    /** Sorts by keys; equal ones stay in their order, backwards too. */
    private static void sort(List<@Nullable Object> items, boolean backwards, UnaryOperator<@Nullable Object> key) {
        record Keyed(@Nullable Object key, @Nullable Object item) {}
        var keyed = new ArrayList<Keyed>();
        items.forEach(item -> keyed.add(new Keyed(key.apply(item), item)));
        Comparator<Keyed> order = (a, b) -> Values.compare(a.key, b.key);
        keyed.sort(backwards ? order.reversed() : order);
        items.clear();
        keyed.forEach(each -> items.add(each.item));
    }

    private static List<@Nullable Object> dictSorted(@Nullable Object value, Args.Bound bound) {
        if (!(value instanceof Dict dict)) {
            throw new TemplateException("dictsort takes a dict, not a " + Values.type(value));
        }
        String by = bound.text("by", "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw new TemplateException("dictsort sorts by key or by value");
        }
        UnaryOperator<@Nullable Object> key = key(by.equals("key") ? 0L : 1L, bound.truth("case_sensitive", false));
        List<@Nullable Object> pairs = dict.items();
        sort(pairs, bound.truth("reverse", false), key);
        return pairs;
    }

    private static Generator pairs(@Nullable Object value) {
        return switch (value) {
            case Undefined _ -> new Generator(Collections.emptyIterator());
            case Dict dict -> new Generator(dict.items().iterator());
            case null, default -> throw new TemplateException("a " + Values.type(value) + " has no pairs of items");
        };
    }

    private static Generator unique(@Nullable Object value, Args.Bound bound) {
        UnaryOperator<@Nullable Object> key = key(bound.get("attribute", null), bound.truth("case_sensitive", false));
        var seen = new HashSet<Object>();
        return new Generator(stream(value)
                .filter(item -> seen.add(Dict.hashable(key.apply(item))))
                .iterator());
    }

    private static Generator map(@Nullable Object value, Args args) {
        if (!Values.truth(value)) {
            return new Generator(Collections.emptyIterator());
        }
        if (args.positional().isEmpty() && args.named().containsKey("attribute")) {
            Args.Bound bound = args.bind("map", 0, "attribute", "default");
            UnaryOperator<@Nullable Object> of = attribute(bound.get("attribute", null), bound.get("default", null));
            return new Generator(stream(value).map(of).iterator());
        }
        String filter = name(args, "map", "filter");
        return new Generator(stream(value)
                .map(item -> Filters.call(filter, item, args.rest()))
                .iterator());
    }

    private static String name(Args args, String function, String of) {
        if (args.positional().isEmpty()) {
            throw new TemplateException(function + " needs the name of a " + of);
        }
        return Values.text(args.positional().getFirst());
    }

    private static Generator selected(@Nullable Object value, Args args, boolean ofAttribute, boolean wanted) {
        if (!Values.truth(value)) {
            return new Generator(Collections.emptyIterator());
        }
        UnaryOperator<@Nullable Object> of = item -> item;
        Args rest = args;
        if (ofAttribute) {
            name(args, "selectattr", "attribute");
            of = attribute(args.positional().getFirst());
            rest = args.rest();
        }
        if (rest.positional().isEmpty() && !rest.named().isEmpty()) {
            throw new TemplateException("a test needs its name before its arguments");
        }
        String test = rest.positional().isEmpty()
                ? null
                : Values.text(rest.positional().getFirst());
        if (test != null && !Tests.NAMES.contains(test)) {
            throw new TemplateException("unknown test '" + test + "'");
        }
        Args ofTest = test == null ? new Args(List.of(), Map.of()) : rest.rest();
        UnaryOperator<@Nullable Object> key = of;
        return new Generator(stream(value)
                .filter(item -> {
                    Object tested = key.apply(item);
                    return wanted == (test == null ? Values.truth(tested) : Tests.call(test, tested, ofTest));
                })
                .iterator());
    }

    private static Generator batches(@Nullable Object value, Args.Bound bound) {
        int size = Values.index(bound.get("linecount", null));
        Object fill = bound.get("fill_with", null);
        var batches = new ArrayList<@Nullable Object>();
        List<@Nullable Object> batch = new ArrayList<>();
        for (Object item : Values.list(value)) {
            if (batch.size() == size) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(item);
        }
        if (!batch.isEmpty()) {
            Budget.size(Math.max(size, 0));
            while (fill != null && batch.size() < size) {
                batch.add(fill);
            }
            batches.add(batch);
        }
        return new Generator(batches.iterator());
    }

    private static Generator slices(@Nullable Object value, Args.Bound bound) {
        List<@Nullable Object> items = Values.list(value);
        int count = Values.index(bound.get("slices", null));
        if (count < 1) {
            throw new TemplateException("slice needs at least one slice");
        }
        Budget.size(count);
        Object fill = bound.get("fill_with", null);
        int each = items.size() / count;
        int more = items.size() % count;
        var slices = new ArrayList<@Nullable Object>();
        int start = 0;
        for (int i = 0; i < count; i++) {
            int end = start + each + (i < more ? 1 : 0);
            List<@Nullable Object> slice = new ArrayList<>(items.subList(start, end));
            if (fill != null && i >= more) {
                slice.add(fill);
            }
            slices.add(slice);
            start = end;
        }
        return new Generator(slices.iterator());
    }
}
