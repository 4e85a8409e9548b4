package org.rlvr4j.model.text.template.value;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Attributes and items of values, as Jinja's sandbox lets a template have them. */
public final class Access {

    /** Methods that change a value, which a template may not. */
    private static final Set<String> CHANGING = Set.of(
            "list.append",
            "list.clear",
            "list.pop",
            "list.reverse",
            "list.insert",
            "list.sort",
            "list.extend",
            "list.remove",
            "dict.clear",
            "dict.pop",
            "dict.popitem",
            "dict.setdefault",
            "dict.update");

    private Access() {}

    /** {@code object.name}: an attribute, or else an item. */
    public static @Nullable Object attribute(@Nullable Object object, String name) {
        if (object instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Object attribute = own(object, name);
        if (attribute != null) {
            return attribute;
        }
        return switch (object) {
            case Dict dict when dict.has(name) -> dict.get(name);
            case Namespace namespace when namespace.has(name) -> namespace.get(name);
            case Attributes attributes -> attributes.attribute(name);
            case null, default -> none(object, name);
        };
    }

    /** {@code object[index]}: an item, or else an attribute. */
    public static @Nullable Object item(@Nullable Object object, @Nullable Object index) {
        return switch (object) {
            case Undefined undefined -> throw undefined.failure();
            case Dict dict when isKey(index) && dict.has(index) -> dict.get(index);
            case List<?> list when isIndex(index) -> element(list, index, object);
            case Tuple tuple when isIndex(index) -> element(tuple.items(), index, object);
            case Range range
            when isIndex(index) -> {
                int i = place(Values.index(index), range.length());
                yield i < 0 ? noElement(object, index) : (Object) range.get(i);
            }
            case String text when isIndex(index) -> character(text, index, object);
            case Markup markup when isIndex(index) -> character(markup.text(), index, object);
            case null, default -> {
                Object attribute = index != null && Values.isText(index) ? own(object, Values.text(index)) : null;
                yield attribute != null
                        ? attribute
                        : index != null && Values.isText(index)
                                ? none(object, Values.text(index))
                                : noElement(object, index);
            }
        };
    }

    /** A method, or the mark of one that may not be had; null if there is none of this name. */
    private static @Nullable Object own(@Nullable Object object, String name) {
        if (object instanceof Attributes || object instanceof Namespace) {
            return null;
        }
        String type = object instanceof Markup ? "str" : Values.type(object);
        if (name.startsWith("__") || CHANGING.contains(type + "." + name)) {
            return object instanceof Dict dict && dict.has(name) && !name.startsWith("__")
                    ? unsafe(object, name)
                    : CHANGING.contains(type + "." + name) || isInternal(name) ? unsafe(object, name) : null;
        }
        return Methods.of(object, type, name);
    }

    /** Whether every Python object has such an attribute. */
    private static boolean isInternal(String name) {
        return Set.of(
                        "__class__",
                        "__init__",
                        "__dict__",
                        "__doc__",
                        "__eq__",
                        "__getattribute__",
                        "__str__",
                        "__repr__",
                        "__len__",
                        "__iter__",
                        "__getitem__",
                        "__contains__",
                        "__subclasshook__",
                        "__hash__")
                .contains(name);
    }

    private static Undefined unsafe(@Nullable Object object, String name) {
        return new Undefined("access to attribute '" + name + "' of a " + Values.type(object) + " is not safe");
    }

    private static Undefined none(@Nullable Object object, String name) {
        return new Undefined("a " + Values.type(object) + " has no attribute '" + name + "'");
    }

    private static Undefined noElement(@Nullable Object object, @Nullable Object index) {
        return new Undefined("a " + Values.type(object) + " has no element " + Repr.of(index));
    }

    private static boolean isIndex(@Nullable Object index) {
        return index != null && Numbers.isWhole(index);
    }

    private static boolean isKey(@Nullable Object index) {
        return !(index instanceof List<?>) && !(index instanceof Dict);
    }

    private static @Nullable Object element(List<?> items, @Nullable Object index, @Nullable Object object) {
        int i = place(Values.index(index), items.size());
        return i < 0 ? noElement(object, index) : items.get(i);
    }

    private static Object character(String text, @Nullable Object index, @Nullable Object object) {
        int i = place(Values.index(index), Strings.length(text));
        return i < 0 ? noElement(object, index) : Strings.between(text, i, i + 1);
    }

    /** The place of an index, which counts from the end if it is negative; -1 if there is none. */
    private static int place(int index, int length) {
        int place = index < 0 ? index + length : index;
        return place >= 0 && place < length ? place : -1;
    }

    /** {@code object[start:stop:step]} */
    public static Object slice(
            @Nullable Object object, @Nullable Object start, @Nullable Object stop, @Nullable Object step) {
        if (object instanceof Undefined undefined) {
            throw undefined.failure();
        }
        int by = step == null ? 1 : Values.index(step);
        if (by == 0) {
            throw new TemplateException("the step of a slice must not be zero");
        }
        if (!Values.isText(object)
                && !(object instanceof List<?>)
                && !(object instanceof Tuple)
                && !(object instanceof Range)) {
            throw new TemplateException("a " + Values.type(object) + " has no slices");
        }
        int length = Values.length(object);
        int from = bound(start, length, by, by > 0 ? 0 : length - 1);
        int to = bound(stop, length, by, by > 0 ? length : -1);
        if (Values.isText(object) && by == 1) {
            String text = Strings.between(Values.text(object), from, Math.max(from, to));
            return object instanceof Markup ? new Markup(text) : text;
        }
        List<@Nullable Object> all =
                object instanceof List<?> list ? new ArrayList<@Nullable Object>(list) : Values.list(object);
        var slice = new ArrayList<@Nullable Object>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            Budget.step();
            slice.add(all.get((int) i));
        }
        return switch (object) {
            case Tuple _ -> new Tuple(slice);
            case Range range -> new Range(range.get(from), range.get(to), by * range.step());
            case String _, Markup _ -> {
                var text = new StringBuilder();
                slice.forEach(text::append);
                yield object instanceof Markup ? new Markup(text.toString()) : text.toString();
            }
            case null, default -> slice;
        };
    }

    /** A bound of a slice, as Python clamps it. */
    private static int bound(@Nullable Object value, int length, int step, int otherwise) {
        if (value == null) {
            return otherwise;
        }
        int bound = Values.index(value);
        if (bound < 0) {
            long fromEnd = (long) bound + length;
            return fromEnd < 0 ? (step > 0 ? 0 : -1) : (int) fromEnd;
        }
        return Math.min(bound, step > 0 ? length : length - 1);
    }
}
