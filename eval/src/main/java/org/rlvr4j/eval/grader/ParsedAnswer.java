package org.rlvr4j.eval.grader;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.commons.math3.fraction.BigFraction;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.grader.Expression.Call;
import org.rlvr4j.eval.grader.Expression.Power;
import org.rlvr4j.eval.grader.Expression.Product;
import org.rlvr4j.eval.grader.Expression.Ratio;
import org.rlvr4j.eval.grader.Expression.Rational;
import org.rlvr4j.eval.grader.Expression.Symbol;

/** A final answer as read. */
sealed interface ParsedAnswer {

    /** What it says a name stands for, as {@code x=3} and {@code x \in [1,2]} do; itself, if it says no such thing. */
    default ParsedAnswer defined() {
        return this;
    }

    /** The solutions of an inequality as an interval, and of several as a union; itself, if it is no such thing. */
    default ParsedAnswer asSet() {
        return this;
    }

    /** A list of named coordinates as a point, in the alphabetical order of their names; itself, if it is no such thing. */
    default ParsedAnswer asPoint() {
        return this;
    }

    /**
     * Words, or what could not be read otherwise.
     *
     * @param words whether it is of letters only, so that their case does not matter
     */
    record Text(String text, boolean words) implements ParsedAnswer {

        /** Words, an angle or another figure, or a probability. */
        private static final Pattern NAME =
                Pattern.compile("(?:m )?\\\\(?:angle|triangle|[a-zA-Z])(?: [A-Z])*|P \\( .* \\)");

        boolean isName() {
            return words || NAME.matcher(text).matches();
        }
    }

    /**
     * A value.
     *
     * @param exact its normal form; null if that takes too much work
     * @param unit  what it is measured in, if that is said
     */
    record Value(Expression expression, @Nullable Quotient exact, Unit unit) implements ParsedAnswer {

        private static final Set<String> TRIGONOMETRIC = Set.of("sin", "cos", "tan", "cot", "sec", "csc");
        private static final long EXACT_LIMIT = 25_000; // steps

        static Value of(Expression expression, Unit unit, Work work) {
            var part = new Work(EXACT_LIMIT);
            Quotient exact = null;
            try {
                exact = new Exact(part).of(expression);
            } catch (Refusal refusal) {
                if (refusal.reason() != Refusal.Reason.LIMIT) {
                    throw refusal;
                }
            }
            work.spend(part.steps());
            return new Value(expression, exact, unit);
        }

        /** Whether it can be what is asked for: a letter, a product of letters or a function of something. */
        boolean isName() {
            return unit.isNone() && isName(expression);
        }

        private static boolean isName(Expression expression) {
            return switch (expression) {
                case Symbol(String name) -> !Set.of("\\pi", "e", "i", "\\infty").contains(name);
                case Product(List<Expression> factors) -> factors.stream().allMatch(Value::isName);
                case Ratio(Expression above, Expression below) -> isName(above) && isName(below);
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
     * Several answers: a list, set, union, tuple, interval, ratio or matrix.
     *
     * @param kind its brackets, or one of the names below
     */
    record Several(String kind, List<ParsedAnswer> items) implements ParsedAnswer {

        static final String LIST = "list";
        static final String SET = "set";
        static final String UNION = "union";
        static final String RATIO = "ratio";
        static final String MATRIX = "matrix";
        static final Several NONE = new Several(SET, List.of());

        boolean isOrdered() {
            return !kind.equals(LIST) && !kind.equals(SET) && !kind.equals(UNION);
        }

        /** Whether the other kind is the same; a bare list may stand for a set. */
        boolean isLike(Several other) {
            boolean lists = !isOrdered() && !other.isOrdered();
            return kind.equals(other.kind) || (lists && !kind.equals(UNION) && !other.kind.equals(UNION));
        }

        @Override
        public ParsedAnswer asSet() {
            boolean inequalities = kind.equals(LIST)
                    && items.stream().allMatch(item -> item.asSet() instanceof Several set && set.isInterval());
            return inequalities
                    ? new Several(UNION, items.stream().map(ParsedAnswer::asSet).toList())
                    : this;
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
            boolean all = kind.equals(LIST) && named.size() == items.size();
            return all ? new Several("()", List.copyOf(named.values())) : this;
        }

        private boolean isInterval() {
            return items.size() == 2 && (kind.startsWith("(") || kind.startsWith("["));
        }
    }

    /**
     * An equation, a membership, or a chain of inequalities.
     *
     * @param signs between the sides: {@code =}, {@code \ne}, {@code \in}, {@code <} or {@code \le}
     */
    record Relation(List<ParsedAnswer> sides, List<String> signs) implements ParsedAnswer {

        private static final Map<String, String> OPEN = Map.of("<", "(", "\\le", "[");
        private static final Map<String, String> CLOSE = Map.of("<", ")", "\\le", "]");
        private static final ParsedAnswer INFINITY = infinity(false);

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
                case Several(String kind, List<ParsedAnswer> items) ->
                    (kind.equals("()") || kind.equals(Several.RATIO))
                            && items.stream().allMatch(Relation::isName);
                default -> false;
            };
        }

        @Override
        public ParsedAnswer asSet() {
            if (!OPEN.keySet().containsAll(signs)) {
                return sides.getFirst() instanceof Several ? this : defined();
            }
            String first = signs.getFirst();
            if (signs.size() == 2 && isName(sides.get(1))) {
                return interval(OPEN.get(first), sides.get(0), sides.get(2), CLOSE.get(signs.get(1)));
            }
            boolean below = signs.size() == 1 && isName(sides.getFirst());
            if (signs.size() == 1 && isName(sides.getLast()) && !below) {
                return interval(OPEN.get(first), sides.getFirst(), INFINITY, ")");
            }
            return below && !isName(sides.getLast())
                    ? interval("(", infinity(true), sides.getLast(), CLOSE.get(first))
                    : this;
        }

        private static Several interval(
                @Nullable String open, ParsedAnswer low, ParsedAnswer high, @Nullable String close) {
            return new Several(open + close, List.of(low, high));
        }

        private static ParsedAnswer infinity(boolean negative) {
            Expression symbol = new Symbol("\\infty");
            Expression expression = negative ? Expression.negative(symbol) : symbol;
            return Value.of(expression, Unit.NONE, new Work(Work.LIMIT));
        }
    }
}
