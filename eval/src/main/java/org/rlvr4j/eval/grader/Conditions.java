package org.rlvr4j.eval.grader;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.grader.Expression.Symbol;
import org.rlvr4j.eval.grader.ParsedAnswer.Compound;
import org.rlvr4j.eval.grader.ParsedAnswer.Relation;
import org.rlvr4j.eval.grader.ParsedAnswer.Text;
import org.rlvr4j.eval.grader.ParsedAnswer.Value;

/**
 * Conditions joined by {@code and}, {@code or} or commas: which of the two is meant, and the set of the solutions.
 *
 * <p>A comma between conditions on one variable means "or" if no number satisfies two of them, and "and" otherwise.
 */
final class Conditions {

    static final Symbol INFINITY = new Symbol("\\infty");
    static final Symbol REALS = new Symbol("\\mathbb{R}");

    private static final String AND_SIGN = "\\and";
    private static final String OR_SIGN = "\\or";
    private static final int MAX_ITEMS = 8;
    private static final long SIGN_LIMIT = 2_000; // steps

    private Conditions() {}

    /** The compound that a list is, by the signs between its items; a list of values stays as it is. */
    static Compound joined(Compound list, List<String> signs) {
        List<ParsedAnswer> items = completed(list.items());
        boolean and = signs.contains(AND_SIGN);
        boolean or = signs.contains(OR_SIGN);
        boolean commas = !signs.stream().allMatch(sign -> sign.equals(AND_SIGN) || sign.equals(OR_SIGN));
        if (items.stream().noneMatch(Conditions::isCondition)) {
            boolean equations = areEquationsOfSeveral(items);
            boolean words = items.stream().anyMatch(Conditions::isStatement);
            Compound joined = new Compound(equations && (and || commas) ? mixed(signs) : Compound.OR, items);
            return or && (equations || words) ? joined : list;
        }
        if (and) {
            return new Compound(or ? mixed(signs) : Compound.AND, items);
        }
        try {
            boolean disjoint = items.size() <= MAX_ITEMS && areDisjoint(items);
            if (or) {
                return new Compound(commas && !disjoint ? mixed(signs) : Compound.OR, items);
            }
            return new Compound(disjoint ? Compound.OR : Compound.AND, items);
        } catch (Refusal refusal) { // ends that cannot be compared
            return or ? new Compound(commas ? mixed(signs) : Compound.OR, items) : list;
        }
    }

    /** The items, where what stands once before all of them, {@code x \in} or {@code x \ne}, stands before each. */
    private static List<ParsedAnswer> completed(List<ParsedAnswer> items) {
        if (items.isEmpty() || !(items.getFirst() instanceof Relation(List<ParsedAnswer> sides, List<String> signs))) {
            return items;
        }
        boolean member = signs.equals(List.of("\\in"));
        boolean excluded = signs.equals(List.of("\\ne"));
        return items.stream()
                .map(item -> (member && item instanceof Compound set && set.isInterval())
                                || (excluded && item instanceof Value)
                        ? new Relation(List.of(sides.getFirst(), item), signs)
                        : item)
                .toList();
    }

    /** Whether an item is in words, or the letter of a choice, of which several are not the same as one of them. */
    private static boolean isStatement(ParsedAnswer item) {
        return item instanceof Text
                || (item instanceof Value(Symbol(String name), Quotient _, Unit _) && name.matches("[A-J]"));
    }

    private static String mixed(List<String> signs) {
        return "mixed " + signs;
    }

    private static boolean isCondition(ParsedAnswer item) {
        return switch (item) {
            case Relation(List<ParsedAnswer> _, List<String> signs) -> !signs.equals(List.of("="));
            case Compound compound ->
                compound.kind().equals(Compound.AND) || compound.kind().equals(Compound.OR);
            default -> false;
        };
    }

    /** Whether all items are equations, of different left sides: {@code x=1 or y=2}, but not {@code x=1 or x=2}. */
    private static boolean areEquationsOfSeveral(List<ParsedAnswer> items) {
        return items.stream().allMatch(item -> item instanceof Relation)
                && items.stream()
                                .map(item -> ((Relation) item).sides().getFirst())
                                .distinct()
                                .count()
                        > 1;
    }

    /** The variable that all items are conditions on; null if there is none, or it may be one of two. */
    static @Nullable ParsedAnswer subject(List<ParsedAnswer> items) {
        List<ParsedAnswer> common = subjects(items);
        boolean clear = common.size() == 1 || (common.size() > 1 && items.size() == 1);
        return clear ? common.getFirst() : null;
    }

    /** The variables that each of the items may be a condition on. */
    private static List<ParsedAnswer> subjects(List<ParsedAnswer> items) {
        var common = new ArrayList<ParsedAnswer>();
        for (int i = 0; i < items.size(); i++) {
            List<ParsedAnswer> subjects =
                    switch (items.get(i)) {
                        case Relation relation -> relation.subjects();
                        case Compound compound when isCondition(compound) -> subjects(compound.items());
                        default -> List.of();
                    };
            if (i == 0) {
                common.addAll(subjects);
            } else {
                common.retainAll(subjects);
            }
        }
        return common;
    }

    private static List<Compound> intervals(List<ParsedAnswer> items) {
        ParsedAnswer subject = subject(items);
        var intervals = new ArrayList<Compound>();
        for (ParsedAnswer item : items) {
            ParsedAnswer solutions =
                    subject != null && item instanceof Relation relation ? relation.asSetOf(subject) : item.asSet();
            if (solutions instanceof Compound set && set.isInterval()) {
                intervals.add(set);
            }
        }
        return intervals;
    }

    private static boolean areDisjoint(List<ParsedAnswer> items) {
        List<Compound> intervals = intervals(items);
        if (intervals.size() < items.size() || subject(items) == null) {
            return false;
        }
        for (int i = 0; i < intervals.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!isBelow(intervals.get(i), intervals.get(j)) && !isBelow(intervals.get(j), intervals.get(i))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isBelow(Compound interval, Compound other) {
        ParsedAnswer high = interval.items().getLast();
        ParsedAnswer low = other.items().getFirst();
        if (isInfinite(high) || isInfinite(low)) {
            return false;
        }
        int sign = sign(low, high);
        return sign > 0
                || (sign == 0 && !(interval.kind().endsWith("]") && other.kind().startsWith("[")));
    }

    /** The union of the intervals of conditions on one variable, or else the conditions themselves. */
    static ParsedAnswer union(Compound conditions) {
        List<Compound> intervals = intervals(conditions.items());
        boolean complete = intervals.size() == conditions.items().size() && subject(conditions.items()) != null;
        return complete ? new Compound(Compound.UNION, List.copyOf(intervals)) : conditions;
    }

    /** The interval between two bounds, or all numbers without some, or else the conditions themselves. */
    static ParsedAnswer intersection(Compound conditions) {
        List<ParsedAnswer> items = conditions.items();
        if (subject(items) == null) {
            return conditions;
        }
        if (items.stream().allMatch(item -> item instanceof Relation relation && relation.excludes())) {
            return without(
                    items.stream()
                            .flatMap(item -> ((Relation) item).excluded().stream())
                            .toList(),
                    conditions);
        }
        List<Compound> intervals = intervals(items);
        if (intervals.size() != items.size() || items.size() != 2) {
            return conditions;
        }
        boolean ordered = isInfinite(intervals.getLast().items().getLast());
        Compound above = ordered ? intervals.getLast() : intervals.getFirst();
        Compound below = ordered ? intervals.getFirst() : intervals.getLast();
        ParsedAnswer low = above.items().getFirst();
        ParsedAnswer high = below.items().getLast();
        boolean opposite = isInfinite(above.items().getLast())
                && isInfinite(below.items().getFirst())
                && !isInfinite(low)
                && !isInfinite(high);
        return opposite && !isKnownEmpty(low, high)
                ? new Compound(above.kind().substring(0, 1) + below.kind().substring(1), List.of(low, high))
                : conditions;
    }

    private static boolean isKnownEmpty(ParsedAnswer low, ParsedAnswer high) {
        try {
            return sign(high, low) <= 0;
        } catch (Refusal refusal) {
            return false; // ends with letters
        }
    }

    /** All real numbers without some, as a union of intervals; something else if the numbers cannot be put in order. */
    static ParsedAnswer without(List<ParsedAnswer> numbers, ParsedAnswer otherwise) {
        if (numbers.isEmpty()
                || numbers.size() > MAX_ITEMS
                || !numbers.stream()
                        .allMatch(number ->
                                number instanceof Value value && value.unit().isNone() && !isInfinite(value))) {
            return otherwise;
        }
        try {
            Comparator<ParsedAnswer> order = Conditions::sign;
            List<ParsedAnswer> sorted = numbers.size() == 1
                    ? numbers
                    : numbers.stream().sorted(order).toList();
            var intervals = new ArrayList<ParsedAnswer>();
            ParsedAnswer low = infinity(true);
            for (ParsedAnswer number : sorted) {
                intervals.add(new Compound("()", List.of(low, number)));
                low = number;
            }
            intervals.add(new Compound("()", List.of(low, infinity(false))));
            return new Compound(Compound.UNION, List.copyOf(intervals));
        } catch (Refusal refusal) {
            return otherwise;
        }
    }

    static ParsedAnswer infinity(boolean negative) {
        Expression expression = negative ? Expression.negative(INFINITY) : INFINITY;
        return Value.of(expression, Unit.NONE, new Work(Work.LIMIT));
    }

    private static boolean isInfinite(ParsedAnswer end) {
        return end instanceof Value value && value.expression().symbols().contains(INFINITY.name());
    }

    /** The sign of a difference; refused if it is not known. */
    private static int sign(ParsedAnswer a, ParsedAnswer b) {
        Refusal.unless(a instanceof Value && b instanceof Value, Refusal.Reason.UNREADABLE, "ends that are no numbers");
        Value one = (Value) a;
        Value other = (Value) b;
        Refusal.unless(one.unit().equals(other.unit()), Refusal.Reason.UNREADABLE, "ends of different units");
        return Numeric.sign(one.expression(), other.expression(), new Work(SIGN_LIMIT));
    }
}
