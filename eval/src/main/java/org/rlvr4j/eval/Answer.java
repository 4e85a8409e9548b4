package org.rlvr4j.eval;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Expression.Call;
import org.rlvr4j.eval.Expression.Product;
import org.rlvr4j.eval.Expression.Symbol;

/** A final answer as read. */
sealed interface Answer {

    /** What it says a name stands for, as {@code x=3} and {@code x \in [1,2]} do; itself, if it says no such thing. */
    default Answer defined() {
        return this;
    }

    /** The solutions of an inequality as an interval, and of several as a union; itself, if it is no such thing. */
    default Answer asSet() {
        return this;
    }

    /**
     * Words, or what could not be read otherwise.
     *
     * @param words whether it is of letters only, so that their case does not matter
     */
    record Text(String text, boolean words) implements Answer {}

    /**
     * A value.
     *
     * @param exact its normal form; null if that takes too much work
     * @param unit  what it is measured in, if that is said
     */
    record Value(Expression expression, @Nullable Quotient exact, Unit unit) implements Answer {

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
                case Call(String function, List<Expression> _) -> function.endsWith("(");
                default -> false;
            };
        }
    }

    /**
     * Several answers: a list, set, union, tuple, interval, ratio or matrix.
     *
     * @param kind its brackets, or one of the names below
     */
    record Several(String kind, List<Answer> items) implements Answer {

        static final String LIST = "list";
        static final String SET = "set";
        static final String UNION = "union";
        static final String RATIO = "ratio";
        static final String MATRIX = "matrix";

        boolean isOrdered() {
            return !kind.equals(LIST) && !kind.equals(SET) && !kind.equals(UNION);
        }

        /** Whether the other kind is the same; a bare list may stand for a set. */
        boolean isLike(Several other) {
            boolean lists = !isOrdered() && !other.isOrdered();
            return kind.equals(other.kind) || (lists && !kind.equals(UNION) && !other.kind.equals(UNION));
        }

        @Override
        public Answer asSet() {
            boolean inequalities = kind.equals(LIST)
                    && items.stream().allMatch(item -> item.asSet() instanceof Several set && set.isInterval());
            return inequalities
                    ? new Several(UNION, items.stream().map(Answer::asSet).toList())
                    : this;
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
    record Relation(List<Answer> sides, List<String> signs) implements Answer {

        private static final Map<String, String> OPEN = Map.of("<", "(", "\\le", "[");
        private static final Map<String, String> CLOSE = Map.of("<", ")", "\\le", "]");
        private static final Answer INFINITY = infinity(false);

        @Override
        public Answer defined() {
            boolean defines = signs.equals(List.of("=")) || signs.equals(List.of("\\in"));
            return defines && isName(sides.getFirst()) ? sides.getLast() : this;
        }

        private static boolean isName(Answer side) {
            return switch (side) {
                case Value value -> value.isName();
                case Several(String kind, List<Answer> items) ->
                    (kind.equals("()") || kind.equals(Several.RATIO))
                            && items.stream().allMatch(Relation::isName);
                default -> false;
            };
        }

        @Override
        public Answer asSet() {
            if (!OPEN.keySet().containsAll(signs)) {
                return defined();
            }
            String first = signs.getFirst();
            if (signs.size() == 2 && isName(sides.get(1))) {
                return interval(OPEN.get(first), sides.get(0), sides.get(2), CLOSE.get(signs.get(1)));
            }
            if (signs.size() == 1 && isName(sides.getLast())) {
                return interval(OPEN.get(first), sides.getFirst(), INFINITY, ")");
            }
            boolean below = signs.size() == 1 && isName(sides.getFirst());
            return below ? interval("(", infinity(true), sides.getLast(), CLOSE.get(first)) : this;
        }

        private static Several interval(@Nullable String open, Answer low, Answer high, @Nullable String close) {
            return new Several(open + close, List.of(low, high));
        }

        private static Answer infinity(boolean negative) {
            Expression symbol = new Symbol("\\infty");
            Expression expression = negative ? Expression.negative(symbol) : symbol;
            return Value.of(expression, Unit.NONE, new Work(Work.LIMIT));
        }
    }
}
