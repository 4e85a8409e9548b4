package org.rlvr4j.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.commons.math3.fraction.BigFraction;

/** A final answer as read; two are the same if they can be shown to say the same. */
sealed interface Answer {

    /** Whether they agree, where either may say what it is the value of: {@code x=3} agrees with 3. */
    static boolean agree(Answer a, Answer b) {
        return a.same(b) || a.defined().same(b) || a.same(b.defined());
    }

    boolean same(Answer other);

    /** What it says a name stands for; itself, if it says no such thing. */
    default Answer defined() {
        return this;
    }

    /** Words, or what could not be read otherwise. */
    record Text(String text) implements Answer {

        @Override
        public boolean same(Answer other) {
            if (!(other instanceof Text(String otherText))) {
                return false;
            }
            boolean words = text.matches("[a-zA-Z ]+");
            return words ? text.equalsIgnoreCase(otherText) : text.equals(otherText);
        }
    }

    /**
     * An exact value.
     *
     * @param unit what it is measured in; empty if that is not said
     */
    record Value(Polynomial value, String unit) implements Answer {

        private static final String PER_CENT = "%";
        private static final Polynomial HUNDREDTH = Polynomial.of(new BigFraction(1, 100));

        /** An answer need not repeat its unit: 5 cm is 5, but not 5 km. */
        @Override
        public boolean same(Answer other) {
            return other instanceof Value that
                    && (unit.equals(that.unit)
                            ? value.equals(that.value)
                            : isWithoutUnit(that) || that.isWithoutUnit(this));
        }

        /** 50 % is 1/2, and what is asked for in per cent is also 50; but 0.5 may well not be meant as 0.5 %. */
        private boolean isWithoutUnit(Value plain) {
            boolean share = unit.equals(PER_CENT);
            boolean sameNumber = value.equals(plain.value) && (!share || value.isAtLeastOne());
            return plain.unit.isEmpty()
                    && (sameNumber || (share && value.times(HUNDREDTH).equals(plain.value)));
        }
    }

    /**
     * Several answers: a list, set, union, tuple, interval or matrix.
     *
     * @param brackets what encloses or joins them; empty for a bare list, which is as good as a set
     */
    record Several(String brackets, List<Answer> items) implements Answer {

        private static final Set<String> LIST_OR_SET = Set.of("", "\\{\\}");
        private static final String UNION = "\\cup";

        @Override
        public boolean same(Answer other) {
            return other instanceof Several that
                    && items.size() == that.items.size()
                    && kind().equals(that.kind())
                    && (isOrdered() ? inOrder(items, that.items) : inAnyOrder(items, that.items));
        }

        private String kind() {
            return LIST_OR_SET.contains(brackets) ? "" : brackets;
        }

        private boolean isOrdered() {
            return !kind().isEmpty() && !kind().equals(UNION);
        }

        private static boolean inAnyOrder(List<Answer> items, List<Answer> others) {
            var rest = new ArrayList<>(others);
            for (Answer item : items) {
                int match = 0;
                while (match < rest.size() && !agree(item, rest.get(match))) {
                    match++;
                }
                if (match == rest.size()) {
                    return false;
                }
                rest.remove(match);
            }
            return true;
        }
    }

    /** An equation, a membership, or a chain of inequalities, none of which starts with "greater". */
    record Relation(List<Answer> sides, List<String> signs) implements Answer {

        private static final Set<List<String>> DEFINING = Set.of(List.of("="), List.of("\\in"));

        @Override
        public boolean same(Answer other) {
            return other instanceof Relation that
                    && signs.equals(that.signs)
                    && (inOrder(sides, that.sides)
                            || (signs.equals(List.of("=")) && inOrder(sides, that.sides.reversed())));
        }

        @Override
        public Answer defined() {
            boolean defines = DEFINING.contains(signs)
                    && sides.getFirst() instanceof Value(Polynomial name, String unit)
                    && unit.isEmpty()
                    && name.isVariable();
            return defines ? sides.getLast() : this;
        }
    }

    private static boolean inOrder(List<Answer> items, List<Answer> others) {
        for (int i = 0; i < items.size(); i++) {
            if (!agree(items.get(i), others.get(i))) {
                return false;
            }
        }
        return true;
    }
}
