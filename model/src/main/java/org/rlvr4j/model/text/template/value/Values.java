package org.rlvr4j.model.text.template.value;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/**
 * Python's values and what every one of them can do: truth, text, equality, order, iteration.
 *
 * <p>None is null, numbers are {@link Long}, {@link BigInteger} and {@link Double}, lists are {@link List}.
 */
public final class Values {

    static final int MAX_DEPTH = 200; // of lists within lists

    private Values() {}

    /** A value of the program that renders: text, numbers, truth values, lists, maps and null, at any depth. */
    public static @Nullable Object of(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Boolean truth -> truth;
            case Double number -> number;
            case Float number -> number.doubleValue();
            case Long number -> number;
            case BigInteger number -> Numbers.of(number);
            case Integer _, Short _, Byte _ -> ((Number) value).longValue();
            case java.math.BigDecimal number -> number.doubleValue();
            case Map<?, ?> map -> {
                var dict = new Dict();
                map.forEach((key, item) -> dict.put(of(key), of(item)));
                yield dict;
            }
            case Iterable<?> items -> {
                var list = new ArrayList<@Nullable Object>();
                items.forEach(item -> list.add(of(item)));
                yield list;
            }
            default -> throw new TemplateException("unsupported value of " + value.getClass());
        };
    }

    /** Python's name of a value's type. */
    public static String type(@Nullable Object value) {
        return switch (value) {
            case null -> "NoneType";
            case String _ -> "str";
            case Markup _ -> "Markup";
            case Boolean _ -> "bool";
            case Long _, BigInteger _ -> "int";
            case Double _ -> "float";
            case List<?> _ -> "list";
            case Tuple _ -> "tuple";
            case Dict _ -> "dict";
            case Range _ -> "range";
            case View view -> view.kind();
            case Undefined _ -> "Undefined";
            case Namespace _ -> "Namespace";
            case Generator _ -> "generator";
            default -> "function";
        };
    }

    public static boolean truth(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case Boolean truth -> truth;
            case String text -> !text.isEmpty();
            case Markup markup -> !markup.text().isEmpty();
            case Long number -> number != 0;
            case BigInteger _ -> true;
            case Double number -> number != 0;
            case List<?> list -> !list.isEmpty();
            case Tuple tuple -> !tuple.items().isEmpty();
            case Dict dict -> dict.size() > 0;
            case Range range -> range.length() > 0;
            case View view -> view.dict().size() > 0;
            case Undefined _ -> false;
            default -> true;
        };
    }

    /** Python's {@code str}. */
    public static String text(@Nullable Object value) {
        return switch (value) {
            case String text -> text;
            case Markup markup -> markup.text();
            case Undefined _ -> "";
            case null, default -> Repr.of(value);
        };
    }

    public static boolean equal(@Nullable Object a, @Nullable Object b) {
        return equal(a, b, 0);
    }

    private static boolean equal(@Nullable Object a, @Nullable Object b, int depth) {
        Budget.step();
        if (depth > MAX_DEPTH) {
            throw new TemplateException("lists are nested more than " + MAX_DEPTH + " deep");
        }
        if (a == null || b == null) {
            return a == null && b == null;
        }
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.equal(a, b);
        }
        if (isText(a) && isText(b)) {
            return text(a).equals(text(b));
        }
        return switch (a) {
            case Undefined _ -> b instanceof Undefined;
            case List<?> list -> b instanceof List<?> other && equalItems(list, other, depth);
            case Tuple tuple -> b instanceof Tuple other && equalItems(tuple.items(), other.items(), depth);
            case Dict dict -> b instanceof Dict other && equalDicts(dict, other, depth);
            case Range range -> b instanceof Range other && equalItems(list(range), list(other), depth);
            case View _ -> throw new TemplateException("unsupported: whether a " + type(a) + " is equal to something");
            default -> a.equals(b);
        };
    }

    private static boolean equalItems(List<?> a, List<?> b, int depth) {
        boolean equal = a.size() == b.size();
        for (int i = 0; equal && i < a.size(); i++) {
            equal = equal(a.get(i), b.get(i), depth + 1);
        }
        return equal;
    }

    private static boolean equalDicts(Dict a, Dict b, int depth) {
        boolean equal = a.size() == b.size();
        for (Object key : a.keys()) {
            equal = equal && b.has(key) && equal(a.get(key), b.get(key), depth + 1);
        }
        return equal;
    }

    public static boolean isText(@Nullable Object value) {
        return value instanceof String || value instanceof Markup;
    }

    /** Which of two values is the smaller: negative, zero or positive. */
    public static int compare(@Nullable Object a, @Nullable Object b) {
        Budget.step();
        if (a != null && b != null) {
            if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
                if ((a instanceof Double x && Double.isNaN(x)) || (b instanceof Double y && Double.isNaN(y))) {
                    throw new TemplateException("unsupported: the order of nan");
                }
                return infinite(a) || infinite(b)
                        ? Double.compare(Numbers.real(a), Numbers.real(b))
                        : Numbers.compare(a, b);
            }
            if (isText(a) && isText(b)) {
                return Strings.compare(text(a), text(b));
            }
            if (a instanceof List<?> x && b instanceof List<?> y) {
                return compareItems(x, y);
            }
            if (a instanceof Tuple x && b instanceof Tuple y) {
                return compareItems(x.items(), y.items());
            }
        }
        if (a instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (b instanceof Undefined undefined) {
            throw undefined.failure();
        }
        throw new TemplateException("a " + type(a) + " and a " + type(b) + " have no order");
    }

    private static boolean infinite(Object value) {
        return value instanceof Double number && Double.isInfinite(number);
    }

    private static int compareItems(List<?> a, List<?> b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            if (!equal(a.get(i), b.get(i))) {
                return compare(a.get(i), b.get(i));
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    /** The items of a value that can be looped over. */
    public static Iterator<? extends @Nullable Object> iterate(@Nullable Object value) {
        return switch (value) {
            case String text -> Strings.characters(text).iterator();
            case Markup markup -> Strings.characters(markup.text()).iterator();
            case List<?> list -> list.iterator();
            case Tuple tuple -> tuple.items().iterator();
            case Dict dict -> dict.keys().iterator();
            case View view -> view.items().iterator();
            case Range range -> list(range).iterator();
            case Generator generator -> generator.items();
            case Undefined _ -> Collections.emptyIterator();
            case null, default -> throw new TemplateException("a " + type(value) + " is not iterable");
        };
    }

    private static List<Object> list(Range range) {
        Budget.size(range.length());
        var list = new ArrayList<Object>();
        for (int i = 0; i < range.length(); i++) {
            list.add(range.get(i));
        }
        return list;
    }

    /** The items as a new list. */
    public static List<@Nullable Object> list(@Nullable Object value) {
        var list = new ArrayList<@Nullable Object>();
        iterate(value).forEachRemaining(item -> {
            Budget.step();
            list.add(item);
        });
        return list;
    }

    public static boolean isIterable(@Nullable Object value) {
        return value instanceof String
                || value instanceof Markup
                || value instanceof List<?>
                || value instanceof Tuple
                || value instanceof Dict
                || value instanceof View
                || value instanceof Range
                || value instanceof Generator
                || value instanceof Undefined;
    }

    public static int length(@Nullable Object value) {
        return switch (value) {
            case String text -> Strings.length(text);
            case Markup markup -> Strings.length(markup.text());
            case List<?> list -> list.size();
            case Tuple tuple -> tuple.items().size();
            case Dict dict -> dict.size();
            case View view -> view.dict().size();
            case Range range -> range.length();
            case Undefined _ -> 0;
            case null, default -> throw new TemplateException("a " + type(value) + " has no length");
        };
    }

    /** Python's {@code item in container}. */
    public static boolean contains(@Nullable Object container, @Nullable Object item) {
        return switch (container) {
            case String _, Markup _ -> {
                if (!isText(item)) {
                    throw new TemplateException("text can only contain text, not a " + type(item));
                }
                yield text(container).contains(text(item));
            }
            case Dict dict -> dict.has(item);
            case View view when view.kind().equals("dict_keys") -> view.dict().has(item);
            case null, default -> {
                Iterator<? extends @Nullable Object> items = iterate(container);
                boolean found = false;
                while (!found && items.hasNext()) {
                    found = equal(items.next(), item);
                }
                yield found;
            }
        };
    }

    /** A whole number as an index or a count. */
    public static int index(@Nullable Object value) {
        if (value == null || !Numbers.isWhole(value)) {
            throw new TemplateException("expected a whole number but found a " + type(value));
        }
        BigInteger number = Numbers.whole(value);
        return number.bitLength() < Integer.SIZE
                ? number.intValue()
                : number.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
    }

    /** {@code a operator b} of two values. */
    public static Object binary(String operator, @Nullable Object a, @Nullable Object b) {
        if (a instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (operator.equals("%") && a != null && isText(a)) {
            return Formats.percent(text(a), b);
        }
        if (b instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (a != null && b != null) {
            if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
                return Numbers.binary(operator, a, b);
            }
            Object result = ofLists(operator, a, b);
            if (result != null) {
                return result;
            }
        }
        throw new TemplateException("unsupported operands of " + operator + ": a " + type(a) + " and a " + type(b));
    }

    /** A sum or a multiple of text, lists or tuples; null of anything else. */
    private static @Nullable Object ofLists(String operator, Object a, Object b) {
        if (operator.equals("+")) {
            return added(a, b);
        }
        if (operator.equals("*") && Numbers.isWhole(b)) {
            return repeated(a, index(b));
        }
        return operator.equals("*") && Numbers.isWhole(a) ? repeated(b, index(a)) : null;
    }

    private static @Nullable Object added(Object a, Object b) {
        if (isText(a) && isText(b)) {
            Budget.size(text(a).length() + (long) text(b).length());
            if (a instanceof Markup || b instanceof Markup) {
                return new Markup(escaped(a) + escaped(b));
            }
            return text(a) + text(b);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            return joined(x, y);
        }
        return a instanceof Tuple x && b instanceof Tuple y ? new Tuple(joined(x.items(), y.items())) : null;
    }

    static String escaped(Object text) {
        return text instanceof Markup markup ? markup.text() : Markup.escape(text(text));
    }

    private static List<@Nullable Object> joined(List<?> a, List<?> b) {
        Budget.size(a.size() + (long) b.size());
        var list = new ArrayList<@Nullable Object>(a);
        list.addAll(b);
        return list;
    }

    private static @Nullable Object repeated(Object value, int times) {
        int count = Math.max(times, 0);
        if (isText(value)) {
            Budget.size((long) text(value).length() * count);
            String text = text(value).repeat(count);
            return value instanceof Markup ? new Markup(text) : text;
        }
        if (value instanceof List<?> list) {
            return repeated(list, count);
        }
        return value instanceof Tuple tuple ? new Tuple(repeated(tuple.items(), count)) : null;
    }

    private static List<@Nullable Object> repeated(List<?> list, int count) {
        Budget.size((long) list.size() * count);
        var repeated = new ArrayList<@Nullable Object>();
        for (int i = 0; i < count; i++) {
            repeated.addAll(list);
        }
        return repeated;
    }
}
