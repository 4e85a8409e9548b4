package org.rlvr4j.eval.grader;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.math3.fraction.BigFraction;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Verdict.Stage;
import org.rlvr4j.eval.grader.Expression.Ratio;
import org.rlvr4j.eval.grader.Expression.Rational;
import org.rlvr4j.eval.grader.ParsedAnswer.Compound;
import org.rlvr4j.eval.grader.ParsedAnswer.Relation;
import org.rlvr4j.eval.grader.ParsedAnswer.Text;
import org.rlvr4j.eval.grader.ParsedAnswer.Value;
import org.rlvr4j.eval.grader.Refusal.Reason;
import org.rlvr4j.eval.grader.Term.Atom;

/** Comparison of two parsed answers. Every rule treats the two alike, but that a letter of the given one may be a unit. */
final class Comparison {

    private static final BigFraction HUNDREDTH = new BigFraction(1, 100);

    private final Work work;

    private final boolean truthFirst;

    /** @param truthFirst whether the first of two answers is the accepted one, and not the second */
    Comparison(Work work, boolean truthFirst) {
        this.work = work;
        this.truthFirst = truthFirst;
    }

    /** Compares two answers, either of which may name what it is the value of: {@code x=3} agrees with 3. */
    Stage compare(ParsedAnswer a, ParsedAnswer b) {
        Stage stage = same(a, b);
        if (!stage.isCorrect() && (a instanceof Relation || b instanceof Relation)) {
            stage = best(stage, best(same(a.defined(), b), same(a, b.defined())));
        }
        ParsedAnswer point = a.asPoint();
        ParsedAnswer other = b.asPoint();
        boolean coordinates = !point.equals(a) || !other.equals(b);
        if (!stage.isCorrect() && coordinates && a.hasNamesOf(b)) {
            stage = best(stage, same(point, other));
        }
        ParsedAnswer subject = Conditions.subject(List.of(a));
        ParsedAnswer otherSubject = Conditions.subject(List.of(b));
        boolean oneSubject = subject == null || otherSubject == null || subject.equals(otherSubject);
        if (!stage.isCorrect()
                && oneSubject
                && a.asSet() instanceof Compound first
                && b.asSet() instanceof Compound second
                && !(first.equals(a) && second.equals(b))) {
            stage = best(stage, same(first, second));
        }
        return stage;
    }

    private Stage same(ParsedAnswer a, ParsedAnswer b) {
        work.spend(5);
        if (a instanceof Text || b instanceof Text) {
            return text(a, b);
        }
        if (a instanceof Value first && b instanceof Value second) {
            return quantities(first, second);
        }
        if (a instanceof Compound first && b instanceof Compound second) {
            return compounds(first, second);
        }
        boolean relations = a instanceof Relation && b instanceof Relation;
        return relations ? relations((Relation) a, (Relation) b) : Stage.DIFFERENT;
    }

    private Stage compounds(Compound a, Compound b) {
        if (!a.isLike(b) || a.items().size() != b.items().size()) {
            return Stage.DIFFERENT;
        }
        Stage stage = a.isOrdered() ? inOrder(a.items(), b.items()) : inAnyOrder(a.items(), b.items());
        boolean ratios = (truthFirst ? a : b).kind().equals(Compound.RATIO) && a.isRatio() && b.isRatio();
        return ratios && !stage.isCorrect() ? best(stage, proportion(a.items(), b.items())) : stage;
    }

    /**
     * Compares ratios by products of their parts: 6:8 is 3:4, but -3:-4 is not, as a ratio keeps the signs of its parts. A
     * ratio that may be a time of day is not reduced.
     */
    private Stage proportion(List<ParsedAnswer> parts, List<ParsedAnswer> others) {
        if (!(parts.getFirst() instanceof Value one
                && others.getFirst() instanceof Value another
                && isPlainNumber(another)
                && !isNegative(Expression.product(one.expression(), another.expression()))
                && !isNegative(new Ratio(one.expression(), another.expression())))) {
            return Stage.DIFFERENT;
        }
        Stage worst = Stage.IDENTICAL;
        for (int i = 0; i < parts.size() && worst.isCorrect(); i++) {
            if (!(parts.get(i) instanceof Value part
                    && others.get(i) instanceof Value other
                    && parts.getFirst() instanceof Value first
                    && others.getFirst() instanceof Value otherFirst
                    && Stream.of(part, other).allMatch(Comparison::isPlainNumber))) {
                return Stage.DIFFERENT;
            }
            worst = worst(
                    worst,
                    values(
                            value(Expression.product(part.expression(), otherFirst.expression())),
                            value(Expression.product(other.expression(), first.expression()))));
        }
        return worst;
    }

    /** Whether a value is known to be negative, whatever its letters are. */
    private boolean isNegative(Expression expression) {
        Quotient exact = value(expression).exact();
        if (exact != null && exact.isRational()) {
            return exact.rational().compareTo(BigFraction.ZERO) < 0;
        }
        try {
            return Numeric.sign(expression, Expression.of(0), work) < 0;
        } catch (Refusal refusal) {
            if (refusal.reason() == Reason.LIMIT) {
                throw refusal;
            }
            return false;
        }
    }

    private static boolean isPlainNumber(Value part) {
        boolean zero = part.exact() != null && part.exact().above().isZero();
        return part.unit().isNone() && !zero;
    }

    private static Stage text(ParsedAnswer a, ParsedAnswer b) {
        if (a instanceof Text(String one, boolean words) && b instanceof Text(String other, boolean otherWords)) {
            boolean both = words && otherWords;
            Stage unequal = both ? Stage.DIFFERENT : Stage.UNREADABLE;
            return one.equals(other) || (both && one.equalsIgnoreCase(other)) ? Stage.IDENTICAL : unequal;
        }
        boolean words = (a instanceof Text first && first.words()) || (b instanceof Text second && second.words());
        return words ? Stage.DIFFERENT : Stage.UNREADABLE;
    }

    private Stage inOrder(List<ParsedAnswer> items, List<ParsedAnswer> others) {
        Stage worst = Stage.IDENTICAL;
        for (int i = 0; i < items.size() && worst.isCorrect(); i++) {
            worst = worst(worst, compare(items.get(i), others.get(i)));
        }
        return worst;
    }

    /** Compares items in any order, by a perfect matching with augmenting paths. */
    private Stage inAnyOrder(List<ParsedAnswer> items, List<ParsedAnswer> others) {
        int n = items.size();
        var stages = new Stage[n][n];
        var partner = new int[n]; // index of the item matched with each of the others
        Arrays.fill(partner, -1);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                stages[i][j] = compare(items.get(i), others.get(j));
            }
        }
        Stage worst = Stage.IDENTICAL;
        for (int i = 0; i < n; i++) {
            if (!match(i, stages, partner, new boolean[n])) {
                Stage best = Stage.UNREADABLE;
                for (Stage stage : stages[i]) {
                    best = best(best, stage);
                }
                return best.isCorrect() ? Stage.DIFFERENT : best;
            }
        }
        for (int j = 0; j < n; j++) {
            worst = worst(worst, stages[partner[j]][j]);
        }
        return worst;
    }

    private boolean match(int item, Stage[][] stages, int[] partner, boolean[] tried) {
        for (int j = 0; j < partner.length; j++) {
            work.spend(1);
            if (stages[item][j].isCorrect() && !tried[j]) {
                tried[j] = true;
                if (partner[j] < 0 || match(partner[j], stages, partner, tried)) {
                    partner[j] = item;
                    return true;
                }
            }
        }
        return false;
    }

    /** Compares relations by their sides or, if they have two, by differences that are multiples of each other. */
    private Stage relations(Relation a, Relation b) {
        if (!a.signs().equals(b.signs())) {
            return Stage.DIFFERENT;
        }
        Stage stage = inOrder(a.sides(), b.sides());
        boolean ordered =
                a.signs().size() > 1 || "< \\le \\in".contains(a.signs().getFirst());
        if (!stage.isCorrect() && !ordered) {
            stage = best(stage, inOrder(a.sides(), b.sides().reversed()));
        }
        boolean hasTwoSides = a.signs().size() == 1 && !a.signs().getFirst().equals("\\in");
        if (stage.isCorrect() || !hasTwoSides) {
            return stage;
        }
        Polynomial first = difference(a);
        Polynomial second = difference(b);
        return first != null && second != null && areMultiples(first, second, ordered) ? Stage.EXACT : stage;
    }

    private @Nullable Polynomial difference(Relation relation) {
        if (relation.sides().getFirst() instanceof Value(Expression _, Quotient left, Unit unit)
                && relation.sides().getLast() instanceof Value(Expression _, Quotient right, Unit other)
                && left != null
                && right != null
                && unit.isNone()
                && other.isNone()
                && left.isWhole()
                && right.isWhole()) {
            return left.above().minus(right.above(), work);
        }
        return null;
    }

    private boolean areMultiples(Polynomial a, Polynomial b, boolean positive) {
        if (a.terms().size() != b.terms().size() || a.isZero() || a.isRational()) {
            return false;
        }
        Map.Entry<Map<Atom, BigFraction>, BigFraction> term =
                a.terms().entrySet().iterator().next();
        BigFraction coefficient = b.terms().get(term.getKey());
        if (coefficient == null) {
            return false;
        }
        BigFraction factor = term.getValue().divide(coefficient);
        return (!positive || factor.compareTo(BigFraction.ZERO) > 0) && a.equals(b.times(Polynomial.of(factor), work));
    }

    /** Compares quantities. An answer need not repeat its unit: 5 cm agrees with 5, but not with 5 km. */
    private Stage quantities(Value a, Value b) {
        Stage stage = Stage.DIFFERENT;
        if (a.unit().powers().equals(b.unit().powers())) {
            stage = values(scaled(a, a.unit().size()), scaled(b, b.unit().size()));
        } else if (a.unit().isScaleOf(b.unit()) || b.unit().isScaleOf(a.unit())) {
            stage = values(a, b);
        } else if (a.unit().isNone() || b.unit().isNone()) {
            stage = a.unit().isNone() ? withoutUnit(a, b) : withoutUnit(b, a);
        }
        if (stage.isCorrect()) {
            return stage;
        }
        return best(stage, truthFirst ? letterUnits(a, b) : letterUnits(b, a));
    }

    /** Compares without the unit: 50 % is 1/2 and, if per cent is asked for, 50; but 0.5 may not mean 0.5 %. */
    private Stage withoutUnit(Value plain, Value measured) {
        boolean share = measured.unit().equals(Unit.PER_CENT);
        boolean fraction = measured.exact() != null
                && measured.exact().isRational()
                && measured.exact().rational().abs().compareTo(BigFraction.ONE) < 0;
        Stage stage = share && fraction ? Stage.DIFFERENT : values(plain, measured);
        return share && !stage.isCorrect()
                ? best(stage, values(plain, value(Expression.product(new Rational(HUNDREDTH), measured.expression()))))
                : stage;
    }

    /**
     * Compares with letters of the given answer read as a unit: {@code 6m} is read as 6 times m, but may mean 6 metres and
     * agree with 6, as 9.8m/s^2 does with 9.8. A letter of the accepted answer is never a unit.
     */
    private Stage letterUnits(Value plain, Value product) {
        return LetterUnits.of(product)
                .map(letters -> {
                    Value number = value(letters.number());
                    if (plain.unit().isNone()) {
                        return plain.expression() instanceof Rational ? values(plain, number) : Stage.DIFFERENT;
                    }
                    return plain.unit().powers().equals(letters.unit().powers())
                            ? values(
                                    scaled(plain, plain.unit().size()),
                                    scaled(number, letters.unit().size()))
                            : Stage.DIFFERENT;
                })
                .orElse(Stage.DIFFERENT);
    }

    private Value scaled(Value value, BigFraction size) {
        return size.equals(BigFraction.ONE) ? value : value(Expression.product(new Rational(size), value.expression()));
    }

    private Value value(Expression expression) {
        return Value.of(expression, Unit.NONE, work);
    }

    private Stage values(Value a, Value b) {
        Quotient first = a.exact();
        Quotient second = b.exact();
        if (first != null && second != null) {
            Polynomial difference = first.difference(second, work);
            if (difference.isZero()) {
                return Stage.EXACT;
            }
            if (difference.isSimple()
                    && first.below().isSimple()
                    && second.below().isSimple()) {
                return Stage.DIFFERENT;
            }
        }
        try {
            return Numeric.equal(a.expression(), b.expression(), work) ? Stage.NUMERIC : Stage.DIFFERENT;
        } catch (Refusal refusal) {
            if (refusal.reason() == Reason.LIMIT) {
                throw refusal;
            }
            return Stage.DIFFERENT;
        }
    }

    private static Stage best(Stage a, Stage b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    private static Stage worst(Stage a, Stage b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
