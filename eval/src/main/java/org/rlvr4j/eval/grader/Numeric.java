package org.rlvr4j.eval.grader;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.math3.fraction.BigFraction;
import org.rlvr4j.eval.grader.Expression.Call;
import org.rlvr4j.eval.grader.Expression.Power;
import org.rlvr4j.eval.grader.Expression.Product;
import org.rlvr4j.eval.grader.Expression.Ratio;
import org.rlvr4j.eval.grader.Expression.Rational;
import org.rlvr4j.eval.grader.Expression.Sum;
import org.rlvr4j.eval.grader.Expression.Symbol;
import org.rlvr4j.eval.grader.Refusal.Reason;

/**
 * Numeric comparison of expressions by their values at several points, to 256 bits with a bound of the error.
 *
 * <p>Expressions differ if their difference is certainly not zero at a point. They count as equal if at each point where
 * both are defined, and at three points at least, the difference is certainly less than 2^-160, which is about 48 digits.
 */
final class Numeric {

    private static final int POINTS = 6;
    private static final int MIN_AGREEMENTS = 3;
    private static final int MAX_CENTRES = 7;
    private static final BigFraction DISTANT_CENTRE = new BigFraction(30);
    private static final BigFraction MIDDLE_FRACTION =
            new BigFraction(115, 101); // middle of the fractions at the points
    private static final int EQUAL_BITS = 160;
    private static final int MAX_NUMBER_BITS = 64;
    private static final int FUNCTION_STEPS = 400; // of one function

    private final Work work;
    private final Map<String, Complex> point;

    private Numeric(Work work, Map<String, Complex> point) {
        this.work = work;
        this.point = point;
    }

    static boolean equal(Expression a, Expression b, Work work) {
        var letters = new TreeSet<>(a.symbols());
        letters.addAll(b.symbols());
        letters.removeAll(List.of("\\pi", "e", "i"));
        Refusal.unless(!letters.contains("\\infty"), Reason.UNDEFINED, "infinity is no number");
        List<BigFraction> centres =
                letters.isEmpty() || !(a.isBranched() || b.isBranched()) ? List.of() : centres(a, b);
        int points = letters.isEmpty() ? 1 : POINTS + 2 * centres.size();
        int agreements = 0;
        for (int k = 0; k < points; k++) {
            var atPoint = new Numeric(work, point(new ArrayList<>(letters), k, centres));
            try {
                Complex difference = atPoint.value(a).minus(atPoint.value(b));
                if (!difference.mayBeZero()) {
                    return false;
                }
                agreements += isSmall(difference.re()) && isSmall(difference.im()) ? 1 : -POINTS;
            } catch (Refusal refusal) {
                if (letters.isEmpty() || (refusal.reason() != Reason.UNDEFINED && k < POINTS)) {
                    throw refusal;
                }
            }
        }
        Refusal.unless(
                agreements >= Math.min(points, MIN_AGREEMENTS),
                Reason.LIMIT,
                "a difference that is not known to be zero");
        return true;
    }

    /** The sign of a difference of two constants: -1, 0 or 1; refused if it is not known. */
    static int sign(Expression a, Expression b, Work work) {
        var letters = new TreeSet<>(a.symbols());
        letters.addAll(b.symbols());
        letters.removeAll(List.of("\\pi", "e"));
        Refusal.unless(letters.isEmpty(), Reason.UNDEFINED, "a letter, which has no sign");
        var constants = new Numeric(work, Map.of());
        Complex difference = constants.value(a).minus(constants.value(b));
        Refusal.unless(difference.isReal(), Reason.UNDEFINED, "a complex number, which has no sign");
        return difference.re().sign();
    }

    private static boolean isSmall(Ball difference) {
        return difference.middle().abs().add(difference.error()).bitLength() <= Ball.BITS - EQUAL_BITS;
    }

    /** Numbers near which an absolute value, a root or a logarithm may change its branch, and one far from them. */
    private static List<BigFraction> centres(Expression a, Expression b) {
        var numbers = new TreeSet<BigFraction>();
        Stream.concat(a.numbers(), b.numbers()).map(BigFraction::abs).forEach(numbers::add);
        return Stream.concat(Stream.of(DISTANT_CENTRE), numbers.stream().limit(MAX_CENTRES))
                .toList();
    }

    /**
     * Values of the letters at point k: different fractions between 0.4 and 1.9, positive at the first point and of either
     * sign at others; at the points after those, less than 0.8 away from a centre or from its negative.
     */
    private static Map<String, Complex> point(List<String> letters, int k, List<BigFraction> centres) {
        var point = new HashMap<String, Complex>();
        for (int j = 0; j < letters.size(); j++) {
            int numerator = 41 + (j * 53 + k * 29) % 149;
            boolean negative = k > 0 && ((k + j) % 3 == 1 || (k == POINTS - 1 && j % 3 != 1));
            var value = new BigFraction(numerator, 101);
            if (k >= POINTS) {
                negative = (k + j) % 2 == 1;
                value = centres.get(((k - POINTS) / 2 + j) % centres.size()).add(value.subtract(MIDDLE_FRACTION));
            }
            point.put(letters.get(j), Complex.of(negative ? value.negate() : value));
        }
        return point;
    }

    private Complex value(Expression expression) {
        work.spend(40);
        return switch (expression) {
            case Rational(BigFraction value) -> number(value);
            case Symbol(String name) -> symbol(name);
            case Sum(List<Expression> terms) -> {
                Complex sum = value(terms.getFirst());
                for (Expression term : terms.subList(1, terms.size())) {
                    sum = sum.plus(value(term));
                }
                yield sum;
            }
            case Product(List<Expression> factors) -> {
                Complex product = value(factors.getFirst());
                for (Expression factor : factors.subList(1, factors.size())) {
                    product = product.times(value(factor));
                }
                yield product;
            }
            case Ratio(Expression above, Expression below) ->
                value(above).times(value(below).inverse());
            case Power(Expression base, Expression exponent) -> power(base, exponent);
            case Call(String function, List<Expression> arguments) -> {
                work.spend(FUNCTION_STEPS);
                yield call(function, arguments);
            }
        };
    }

    private static Complex number(BigFraction value) {
        Refusal.unless(Term.bits(value) <= MAX_NUMBER_BITS, Reason.LIMIT, "a number of many digits");
        return Complex.of(value);
    }

    private Complex symbol(String name) {
        return switch (name) {
            case "\\pi" -> Complex.real(Ball.PI);
            case "e" -> Complex.ONE.exp();
            case "i" -> Complex.I;
            default -> point.getOrDefault(name, Complex.ONE);
        };
    }

    private Complex power(Expression base, Expression exponent) {
        Quotient exact = new Exact(work).of(exponent);
        if (exact.isRational() && exact.rational().getDenominator().intValue() == 1) {
            BigFraction n = exact.rational();
            Refusal.unless(Term.bits(n) < 16, Reason.LIMIT, "a large exponent");
            work.spend(40);
            return value(base).power(n.intValue());
        }
        work.spend(3 * FUNCTION_STEPS);
        boolean natural = base.equals(new Symbol("e"));
        return natural ? value(exponent).exp() : value(base).power(value(exponent));
    }

    private Complex call(String function, List<Expression> arguments) {
        Complex x = value(arguments.getFirst());
        return switch (function) {
            case "sin" -> x.sin();
            case "cos" -> x.cos();
            case "tan" -> x.sin().times(x.cos().inverse());
            case "cot" -> x.cos().times(x.sin().inverse());
            case "sec" -> x.cos().inverse();
            case "csc" -> x.sin().inverse();
            case "sinh" -> x.exp().minus(x.negate().exp()).times(number(BigFraction.ONE_HALF));
            case "cosh" -> x.exp().plus(x.negate().exp()).times(number(BigFraction.ONE_HALF));
            case "tanh" ->
                Complex.ONE.minus(number(BigFraction.TWO)
                        .times(x.plus(x).exp().plus(Complex.ONE).inverse()));
            case "arcsin" -> arcsin(x);
            case "arccos" ->
                Complex.real(Ball.PI).times(number(BigFraction.ONE_HALF)).minus(arcsin(x));
            case "arctan" -> arctan(x);
            case "ln" -> x.ln();
            case "abs" -> Complex.real(x.abs());
            case "degrees" -> x.times(Complex.real(Ball.PI)).times(number(new BigFraction(1, 180)));
            case "root" -> root(x, arguments.get(1));
            case "floor" -> floor(x);
            case "ceiling" -> floor(x.negate()).negate();
            case "factorial", "binomial" -> {
                Quotient exact = new Exact(work).of(new Call(function, arguments));
                Refusal.unless(exact.isRational(), Reason.UNREADABLE, "a factorial of a letter");
                yield number(exact.rational());
            }
            default -> throw new Refusal(Reason.UNREADABLE, "the function " + function);
        };
    }

    private Complex root(Complex x, Expression degree) {
        Quotient exact = new Exact(work).of(degree);
        boolean isInteger =
                exact.isRational() && exact.rational().getDenominator().intValue() == 1;
        if (isInteger && exact.rational().equals(BigFraction.TWO)) {
            return x.sqrt();
        }
        work.spend(2 * FUNCTION_STEPS);
        boolean negative = x.isReal() && x.re().sign() < 0;
        boolean odd = isInteger && exact.rational().getNumerator().testBit(0);
        Complex exponent = value(degree).inverse();
        return negative && odd ? x.negate().power(exponent).negate() : x.power(exponent);
    }

    private Complex floor(Complex x) {
        Refusal.unless(x.isReal() && point.isEmpty(), Reason.UNREADABLE, "the whole part of what is not a real number");
        return Complex.real(x.re().floor());
    }

    private static Complex arcsin(Complex x) {
        Complex cosine = Complex.ONE.minus(x.times(x)).sqrt();
        if (x.isReal() && cosine.isReal()) {
            return Complex.real(Ball.angle(cosine.re(), x.re()));
        }
        return Complex.I.times(x).plus(cosine).ln().times(Complex.I.negate());
    }

    private static Complex arctan(Complex x) {
        if (x.isReal()) {
            return Complex.real(Ball.angle(Ball.ONE, x.re()));
        }
        Complex timesI = x.times(Complex.I);
        Complex difference =
                Complex.ONE.minus(timesI).ln().minus(Complex.ONE.plus(timesI).ln());
        return difference.times(Complex.I).times(number(BigFraction.ONE_HALF));
    }
}
