package org.rlvr4j.eval.grader;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.math3.fraction.BigFraction;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.grader.Expression.Call;
import org.rlvr4j.eval.grader.Expression.Power;
import org.rlvr4j.eval.grader.Expression.Product;
import org.rlvr4j.eval.grader.Expression.Ratio;
import org.rlvr4j.eval.grader.Expression.Rational;
import org.rlvr4j.eval.grader.Expression.Symbol;

/** Parsed final answer. */
sealed interface ParsedAnswer {

    /** The value that the answer gives to a name, as in {@code x=3} and {@code x \in [1,2]}, or else the answer itself. */
    default ParsedAnswer defined() {
        return this;
    }

    /** The solutions of an inequality as an interval, and of several as a union, or else the answer itself. */
    default ParsedAnswer asSet() {
        return this;
    }

    /** A list of named coordinates as a point, in alphabetical order of their names, or else the answer itself. */
    default ParsedAnswer asPoint() {
        return this;
    }

    /** Whether two answers name the same coordinates, or one of them names none. */
    default boolean hasNamesOf(ParsedAnswer other) {
        Set<String> names = names();
        Set<String> others = other.names();
        return names.isEmpty() || others.isEmpty() || names.equals(others);
    }

    /** The letters that the equations of a list give values to. */
    default Set<String> names() {
        return this instanceof Compound(String _, List<ParsedAnswer> items)
                ? items.stream()
                        .filter(item -> item instanceof Relation(List<ParsedAnswer> sides, List<String> _)
                                && sides.getFirst() instanceof Value)
                        .flatMap(item -> ((Value) ((Relation) item).sides().getFirst()).expression().symbols().stream())
                        .collect(Collectors.toSet())
                : Set.of();
    }

    /**
     * Answer in words, or one that could not be read otherwise.
     *
     * @param words whether the text has only letters, whose case does not matter
     */
    record Text(String text, boolean words) implements ParsedAnswer {

        /** Name of an angle or another figure, or a probability. */
        private static final Pattern NAME =
                Pattern.compile("(?:m )?\\\\(?:angle|triangle|[a-zA-Z])(?: [A-Z])*|P \\( .* \\)");

        boolean isName() {
            return words || NAME.matcher(text).matches();
        }
    }

    /**
     * Answer that is one value.
     *
     * @param exact normal form of the expression; null if it takes too much work
     * @param unit  unit of the value, or none
     */
    record Value(Expression expression, @Nullable Quotient exact, Unit unit) implements ParsedAnswer {

        private static final Set<String> TRIGONOMETRIC = Set.of("sin", "cos", "tan", "cot", "sec", "csc");
        private static final long EXACT_LIMIT = 25_000; // steps

        static Value of(Expression expression, Unit unit, Work work) {
            var exactWork = new Work(EXACT_LIMIT);
            Quotient exact = null;
            try {
                exact = new Exact(exactWork).of(expression);
            } catch (Refusal refusal) {
                if (refusal.reason() != Refusal.Reason.LIMIT) {
                    throw refusal;
                }
            }
            work.spend(exactWork.steps());
            return new Value(expression, exact, unit);
        }

        /** Whether the value can name what is asked for: a letter, a length or a function of something. */
        boolean isName() {
            return unit.isNone() && isName(expression);
        }

        /** All real numbers are an interval. */
        @Override
        public ParsedAnswer asSet() {
            return expression.equals(Conditions.REALS) && unit.isNone()
                    ? new Compound("()", List.of(Conditions.infinity(true), Conditions.infinity(false)))
                    : this;
        }

        /** Whether the expression is a capital letter, as points have, so that a product of them names a length. */
        private static boolean isPoint(Expression expression) {
            return expression instanceof Symbol(String name) && Character.isUpperCase(name.charAt(0));
        }

        private static boolean isLength(Expression expression) {
            return expression instanceof Product && isName(expression);
        }

        /** Whether the expression is like {@code dx}. */
        private static boolean isDifferential(Expression expression) {
            return expression instanceof Product(List<Expression> factors)
                    && factors.size() == 2
                    && factors.getFirst().equals(new Symbol("d"))
                    && factors.getLast() instanceof Symbol;
        }

        private static boolean isName(Expression expression) {
            return switch (expression) {
                case Symbol(String name) -> !Set.of("\\pi", "e", "i", "\\infty").contains(name);
                case Product(List<Expression> factors) ->
                    factors.stream().allMatch(Value::isPoint)
                            || (factors.size() == 2
                                    && factors.getFirst() instanceof Power
                                    && factors.stream().allMatch(Value::isName));
                case Ratio(Expression above, Expression below) ->
                    (isDifferential(above) && isDifferential(below)) || (isLength(above) && isLength(below));
                case Call(String function, List<Expression> arguments) ->
                    function.endsWith("(")
                            || (TRIGONOMETRIC.contains(function) && isName(arguments.getFirst()))
                            || (function.equals("abs")
                                    && arguments.getFirst() instanceof Product length
                                    && isName(length));
                case Power(Symbol(String name), Rational(BigFraction power)) -> // of f^{-1}(x)
                    "fgh".contains(name) && power.equals(BigFraction.MINUS_ONE);
                default -> false;
            };
        }
    }

    /**
     * Compound answer: a list, set, union, tuple, interval, ratio or matrix.
     *
     * @param kind brackets around the items, or one of the names below
     */
    record Compound(String kind, List<ParsedAnswer> items) implements ParsedAnswer {

        static final String LIST = "list";
        static final String SET = "set";
        static final String UNION = "union";
        static final String RATIO = "ratio";
        /** Ratio that may be a time of day: {@code 3:30}. */
        static final String CLOCK = "clock";
        /** Conditions of which all hold. */
        static final String AND = "and";
        /** Conditions of which one holds. */
        static final String OR = "or";
        /** Set of which the members of another one are left out. */
        static final String WITHOUT = "without";

        static final String MATRIX = "matrix";
        static final Compound NONE = new Compound(SET, List.of());

        boolean isOrdered() {
            return !Set.of(LIST, SET, UNION, AND, OR).contains(kind);
        }

        /** Whether two compounds are of the same kind; a bare list may stand for a set. */
        boolean isLike(Compound other) {
            boolean lists = Set.of(LIST, SET).containsAll(List.of(kind, other.kind));
            return kind.equals(other.kind) || lists || (isRatio() && other.isRatio());
        }

        boolean isRatio() {
            return kind.equals(RATIO) || kind.equals(CLOCK);
        }

        @Override
        public ParsedAnswer asSet() {
            if (kind.equals(AND)) {
                return Conditions.intersection(this);
            }
            if (kind.equals(OR)) {
                return Conditions.union(this);
            }
            if (kind.equals(WITHOUT)
                    && items.getFirst() instanceof Value(Expression base, Quotient _, Unit _)
                    && base.equals(Conditions.REALS)
                    && items.getLast() instanceof Compound(String set, List<ParsedAnswer> numbers)
                    && set.equals(SET)) {
                return Conditions.without(numbers, this);
            }
            boolean intervals = kind.equals(LIST)
                    && items.stream().allMatch(item -> item instanceof Compound set && set.isInterval());
            return intervals ? new Compound(UNION, items) : this;
        }

        @Override
        public ParsedAnswer asPoint() {
            var named = new TreeMap<String, ParsedAnswer>();
            for (ParsedAnswer item : items) {
                if (item instanceof Relation relation
                        && relation.signs().equals(List.of("="))
                        && relation.sides().getFirst() instanceof Value(Symbol(String name), Quotient _, Unit _)) {
                    named.put(name, item);
                }
            }
            boolean allNamed = kind.equals(LIST) && named.size() == items.size();
            return allNamed ? new Compound("()", List.copyOf(named.values())) : this;
        }

        boolean isInterval() {
            return items.size() == 2 && (kind.startsWith("(") || kind.startsWith("["));
        }
    }

    /**
     * Relation: an equation, a membership, or a chain of inequalities.
     *
     * @param signs signs between the sides: {@code =}, {@code \ne}, {@code \in}, {@code <} or {@code \le}
     */
    record Relation(List<ParsedAnswer> sides, List<String> signs) implements ParsedAnswer {

        private static final Map<String, String> OPEN = Map.of("<", "(", "\\le", "[");
        private static final Map<String, String> CLOSE = Map.of("<", ")", "\\le", "]");

        @Override
        public ParsedAnswer defined() {
            boolean equation = signs.equals(List.of("="));
            if ((equation || signs.equals(List.of("\\in"))) && isName(sides.getFirst())) {
                return sides.getLast();
            }
            return equation && isName(sides.getLast()) ? sides.getFirst() : this;
        }

        private static boolean isName(ParsedAnswer side) {
            return switch (side) {
                case Value value -> value.isName();
                case Text text -> text.isName();
                case Compound(String kind, List<ParsedAnswer> items) ->
                    (kind.equals("()") || kind.equals(Compound.RATIO))
                            && items.stream().allMatch(Relation::isName);
                default -> false;
            };
        }

        /** Whether a name is said not to be a number. */
        boolean excludes() {
            return signs.equals(List.of("\\ne")) && isName(sides.getFirst());
        }

        /** The numbers that a name is said not to be. */
        List<ParsedAnswer> excluded() {
            ParsedAnswer last = sides.getLast();
            return last instanceof Compound(String kind, List<ParsedAnswer> items) && kind.equals(Compound.LIST)
                    ? items
                    : List.of(last);
        }

        /** The names that the relation may be a condition on, the likelier first: in {@code x<a}, both letters. */
        List<ParsedAnswer> subjects() {
            if (signs.size() > 2) {
                return List.of();
            }
            List<ParsedAnswer> candidates = signs.size() == 2 ? List.of(sides.get(1)) : sides;
            List<ParsedAnswer> names =
                    candidates.stream().filter(Relation::isName).distinct().toList();
            boolean bound = OPEN.keySet().containsAll(signs);
            return bound ? names : names.stream().limit(1).toList();
        }

        /** The solutions of an inequality for a name that is one of its sides, or else what {@link #asSet} gives. */
        ParsedAnswer asSetOf(ParsedAnswer subject) {
            if (signs.size() == 1 && OPEN.containsKey(signs.getFirst())) {
                String sign = signs.getFirst();
                if (sides.getFirst().equals(subject)) {
                    return interval("(", Conditions.infinity(true), sides.getLast(), CLOSE.get(sign));
                }
                if (sides.getLast().equals(subject)) {
                    return interval(OPEN.get(sign), sides.getFirst(), Conditions.infinity(false), ")");
                }
            }
            return asSet();
        }

        @Override
        public ParsedAnswer asSet() {
            if (excludes()) {
                return Conditions.without(excluded(), this);
            }
            if (!OPEN.keySet().containsAll(signs)) {
                return sides.getFirst() instanceof Compound ? this : defined();
            }
            String first = signs.getFirst();
            if (signs.size() == 2 && isName(sides.get(1))) {
                return interval(OPEN.get(first), sides.get(0), sides.get(2), CLOSE.get(signs.get(1)));
            }
            boolean below = signs.size() == 1 && isName(sides.getFirst());
            if (signs.size() == 1 && isName(sides.getLast()) && !below) {
                return interval(OPEN.get(first), sides.getFirst(), Conditions.infinity(false), ")");
            }
            return below && !isName(sides.getLast())
                    ? interval("(", Conditions.infinity(true), sides.getLast(), CLOSE.get(first))
                    : this;
        }

        private static Compound interval(
                @Nullable String open, ParsedAnswer low, ParsedAnswer high, @Nullable String close) {
            return new Compound(open + close, List.of(low, high));
        }
    }
}
