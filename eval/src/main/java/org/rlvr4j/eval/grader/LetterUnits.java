package org.rlvr4j.eval.grader;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.math3.fraction.BigFraction;
import org.rlvr4j.eval.grader.Expression.Power;
import org.rlvr4j.eval.grader.Expression.Product;
import org.rlvr4j.eval.grader.Expression.Ratio;
import org.rlvr4j.eval.grader.Expression.Rational;
import org.rlvr4j.eval.grader.Expression.Symbol;
import org.rlvr4j.eval.grader.ParsedAnswer.Value;

/**
 * Number with letters that may be its unit: {@code 6m}, {@code 9.8m/s^2}.
 *
 * <p>The letters have been read as a product. Only one letter, or a length, mass or volume by time, or mass by volume, may be
 * a unit; any other product, such as {@code 3s/h}, is none.
 */
record LetterUnits(Expression number, Unit unit) {

    private static final Set<Map<String, Integer>> QUOTIENTS = Set.of(
            Map.of("metre", 1, "second", -1),
            Map.of("metre", 1, "second", -2),
            Map.of("metre", 3, "second", -1),
            Map.of("gram", 1, "second", -1),
            Map.of("litre", 1, "second", -1),
            Map.of("gram", 1, "litre", -1));

    /** The number and the unit that a value of letters may mean; empty if it can mean none. */
    static Optional<LetterUnits> of(Value value) {
        boolean rest = value.unit().powers().values().stream().allMatch(power -> power < 0); // as in m/min
        return rest ? of(value.expression(), value.unit()).filter(LetterUnits::isUsual) : Optional.empty();
    }

    private boolean isUsual() {
        boolean letter = unit.powers().size() == 1 && unit.powers().containsValue(1);
        return number instanceof Rational && (letter || QUOTIENTS.contains(unit.powers()));
    }

    private static Optional<LetterUnits> of(Expression expression, Unit unit) {
        return switch (expression) {
            case Rational _ -> Optional.of(new LetterUnits(expression, unit));
            case Product(List<Expression> factors)
            when factors.size() == 2 && factors.getFirst().equals(Expression.of(-1)) ->
                of(factors.getLast(), unit).flatMap(LetterUnits::negative);
            case Product(List<Expression> factors)
            when factors.size() == 2 ->
                of(factors.getFirst(), unit).flatMap(first -> power(factors.getLast(), first.unit, 1)
                        .map(last -> new LetterUnits(first.number, last)));
            case Ratio(Expression above, Expression below) ->
                of(above, unit).flatMap(first -> power(below, first.unit, -1)
                        .map(last -> new LetterUnits(first.number, last)));
            default -> Optional.empty();
        };
    }

    private Optional<LetterUnits> negative() {
        return number instanceof Rational(BigFraction value)
                ? Optional.of(new LetterUnits(new Rational(value.negate()), unit))
                : Optional.empty();
    }

    /** A unit multiplied with letters, or with a quotient of them, to a power. */
    private static Optional<Unit> power(Expression letters, Unit unit, int sign) {
        return switch (letters) {
            case Symbol(String name) when Unit.isLetter(name) -> Optional.of(unit.times(Unit.known(name), sign));
            case Power(Symbol(String name), Rational(BigFraction power))
            when Unit.isLetter(name)
                    && power.getDenominator().equals(BigInteger.ONE)
                    && power.abs().compareTo(new BigFraction(3)) <= 0 ->
                Optional.of(unit.times(Unit.known(name), sign * power.intValue()));
            case Ratio(Expression above, Expression below) ->
                power(above, unit, sign).flatMap(first -> power(below, first, -sign));
            default -> Optional.empty();
        };
    }
}
