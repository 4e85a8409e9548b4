package org.rlvr4j.eval.grader;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.fraction.BigFraction;
import org.rlvr4j.eval.grader.Expression.Call;
import org.rlvr4j.eval.grader.Expression.Power;
import org.rlvr4j.eval.grader.Expression.Product;
import org.rlvr4j.eval.grader.Expression.Ratio;
import org.rlvr4j.eval.grader.Expression.Rational;
import org.rlvr4j.eval.grader.Expression.Sum;
import org.rlvr4j.eval.grader.Expression.Symbol;
import org.rlvr4j.eval.grader.Refusal.Reason;
import org.rlvr4j.eval.grader.Term.Atom;

/**
 * Exact value of an expression, as a quotient of sums of products of atoms.
 *
 * <p>Every rule preserves the value wherever it is defined, for real letters of either sign. An expression that no rule
 * applies to, such as the root of a sum or a sine, becomes an atom by itself.
 */
final class Exact {

    private static final int MAX_EXPONENT = 100_000;
    private static final int MAX_EXPONENT_OF_SUM = 100;
    private static final int MAX_FACTORIAL = 1_000;
    private static final long MAX_DIVISOR = 10_000;

    private final Work work;

    Exact(Work work) {
        this.work = work;
    }

    Quotient of(Expression expression) {
        work.spend(1);
        return switch (expression) {
            case Rational(BigFraction value) -> Quotient.of(value);
            case Symbol(String name) -> Quotient.of(Polynomial.of(Atom.simple(name)));
            case Sum(List<Expression> terms) -> {
                Quotient sum = of(terms.getFirst());
                for (Expression term : terms.subList(1, terms.size())) {
                    sum = sum.plus(of(term), work);
                }
                yield sum;
            }
            case Product(List<Expression> factors) -> {
                Quotient product = of(factors.getFirst());
                for (Expression factor : factors.subList(1, factors.size())) {
                    product = product.times(of(factor), work);
                }
                yield product;
            }
            case Ratio(Expression above, Expression below) ->
                of(above).times(of(below).inverse(work), work);
            case Power(Expression base, Expression exponent) -> power(of(base), of(exponent));
            case Call(String function, List<Expression> arguments) ->
                call(function, arguments.stream().map(this::of).toList());
        };
    }

    private Quotient call(String function, List<Quotient> arguments) {
        Quotient first = arguments.getFirst();
        boolean rational = arguments.stream().allMatch(Quotient::isRational);
        return switch (function) {
            case "root" -> root(first, arguments.get(1));
            case "degrees" -> {
                Polynomial radian =
                        Polynomial.of(Atom.simple("\\pi")).times(Polynomial.of(new BigFraction(1, 180)), work);
                yield first.times(Quotient.of(radian), work);
            }
            case "ln" ->
                first.equals(Quotient.of(Polynomial.of(Atom.simple("e")))) ? Quotient.of(BigFraction.ONE) : ln(first);
            case "abs" -> rational ? Quotient.of(first.rational().abs()) : atom(function, arguments);
            case "floor" -> rational ? integer(Term.floor(first.rational())) : atom(function, arguments);
            case "ceiling" ->
                rational ? integer(Term.floor(first.rational().negate()).negate()) : atom(function, arguments);
            case "factorial" -> rational ? integer(factorial(naturalNumber(first))) : atom(function, arguments);
            case "binomial" ->
                rational
                        ? integer(binomial(naturalNumber(first), naturalNumber(arguments.get(1))))
                        : atom(function, arguments);
            default -> atom(function, arguments);
        };
    }

    private static Quotient atom(String name, List<Quotient> parts) {
        return Quotient.of(Polynomial.of(new Atom(name + "(", parts)));
    }

    private static Quotient integer(BigInteger value) {
        return Quotient.of(new BigFraction(value));
    }

    private static int naturalNumber(Quotient value) {
        BigFraction number = value.rational();
        boolean isNatural = number.getDenominator().equals(BigInteger.ONE)
                && number.getNumerator().signum() >= 0;
        Refusal.unless(isNatural, Reason.UNDEFINED, "a factorial of a fraction or a negative number");
        Refusal.unless(number.getNumerator().bitLength() < 31, Reason.LIMIT, "a large factorial");
        return number.intValue();
    }

    private BigInteger factorial(int n) {
        Refusal.unless(n <= MAX_FACTORIAL, Reason.LIMIT, "a large factorial");
        work.spend((long) n * n / 10);
        BigInteger product = BigInteger.ONE;
        for (int i = 2; i <= n; i++) {
            product = product.multiply(BigInteger.valueOf(i));
        }
        return product;
    }

    private BigInteger binomial(int n, int k) {
        return k > n ? BigInteger.ZERO : factorial(n).divide(factorial(k).multiply(factorial(n - k)));
    }

    /** An odd root of a negative number is negative, as LaTeX's radical means it. */
    private Quotient root(Quotient radicand, Quotient degree) {
        Refusal.unless(!degree.above().isZero(), Reason.UNDEFINED, "a root of degree zero");
        Quotient exponent = degree.inverse(work);
        boolean odd = degree.isRational()
                && degree.rational().getDenominator().equals(BigInteger.ONE)
                && degree.rational().getNumerator().testBit(0);
        if (odd && radicand.isRational() && radicand.rational().compareTo(BigFraction.ZERO) < 0) {
            Quotient positive = Quotient.of(radicand.rational().negate());
            return Quotient.of(BigFraction.MINUS_ONE).times(power(positive, exponent), work);
        }
        return power(radicand, exponent);
    }

    private Quotient ln(Quotient argument) {
        boolean positive = argument.isRational() && argument.rational().compareTo(BigFraction.ZERO) > 0;
        Refusal.unless(!argument.above().isZero(), Reason.UNDEFINED, "the logarithm of zero");
        if (!positive) {
            return atom("ln", List.of(argument));
        }
        Polynomial sum = Polynomial.ZERO;
        for (Map.Entry<BigInteger, Integer> prime : primes(argument.rational()).entrySet()) {
            var atom = new Atom("ln(", List.of(integer(prime.getKey())));
            sum = sum.plus(
                    Polynomial.of(new Term(new BigFraction(prime.getValue()), Map.of(atom, BigFraction.ONE))), work);
        }
        return Quotient.of(sum);
    }

    private Quotient power(Quotient base, Quotient exponent) {
        if (!exponent.isRational()) {
            return symbolicPower(base, exponent);
        }
        BigFraction power = exponent.rational();
        if (!power.getDenominator().equals(BigInteger.ONE)) {
            return fractionalPower(base, power);
        }
        Refusal.unless(power.getNumerator().abs().bitLength() < 20, Reason.LIMIT, "a large exponent");
        int n = power.getNumerator().intValue();
        Refusal.unless(Math.abs(n) <= MAX_EXPONENT, Reason.LIMIT, "a large exponent");
        Refusal.unless(n > 0 || !base.above().isZero(), Reason.UNDEFINED, "zero to a power that is not positive");
        return n < 0 ? positivePower(base.inverse(work), -n) : positivePower(base, n);
    }

    private Quotient positivePower(Quotient base, int n) {
        if (base.isWhole() && base.above().isTerm()) {
            return Quotient.of(Polynomial.of(integerPower(base.above().term(), n, work)));
        }
        Refusal.unless(n <= MAX_EXPONENT_OF_SUM, Reason.LIMIT, "a large power of a sum");
        Quotient power = Quotient.of(BigFraction.ONE);
        for (int bit = Integer.SIZE - Integer.numberOfLeadingZeros(n) - 1; bit >= 0; bit--) {
            power = power.times(power, work);
            power = (n >> bit & 1) == 1 ? power.times(base, work) : power;
        }
        return power;
    }

    /** A term to an integer power. */
    static Term integerPower(Term term, int n, Work work) {
        var raised = new HashMap<Atom, BigFraction>();
        term.powers().forEach((atom, power) -> raised.put(atom, power.multiply(n)));
        return Term.normal(Term.power(term.coefficient(), n, work), raised, work);
    }

    /** Takes positive factors out of a root; a letter may be negative, so the root of its square is an atom. */
    private Quotient fractionalPower(Quotient base, BigFraction exponent) {
        Polynomial sum = base.above();
        if (sum.isZero()) {
            Refusal.unless(exponent.compareTo(BigFraction.ZERO) > 0, Reason.UNDEFINED, "zero to a negative power");
            return base;
        }
        if (!base.isWhole() || !sum.isTerm()) {
            return Quotient.of(
                    Polynomial.of(new Term(BigFraction.ONE, Map.of(new Atom("base(", List.of(base)), exponent))));
        }
        Term term = sum.term();
        boolean square = exponent.getDenominator().equals(BigInteger.TWO);
        boolean negative = term.coefficient().compareTo(BigFraction.ZERO) < 0;
        boolean onlyNumbers = term.powers().keySet().stream().allMatch(Atom::isPositive);
        var powers = new HashMap<Atom, BigFraction>();
        var inside = new HashMap<Atom, BigFraction>();
        term.powers().forEach((atom, power) -> (atom.isPositive() ? powers : inside).put(atom, power));
        powers.replaceAll((_, power) -> power.multiply(exponent));
        primes(term.coefficient().abs())
                .forEach((prime, power) ->
                        powers.merge(Atom.simple(prime.toString()), exponent.multiply(power), BigFraction::add));
        if (negative && square && onlyNumbers) {
            powers.put(Atom.I, new BigFraction(exponent.getNumerator()));
        } else if (negative || inside.size() > 1 || !inside.values().stream().allMatch(BigFraction.ONE::equals)) {
            var remainder = new Term(negative ? BigFraction.MINUS_ONE : BigFraction.ONE, inside);
            powers.put(new Atom("base(", List.of(Quotient.of(Polynomial.of(remainder)))), exponent);
        } else {
            inside.replaceAll((_, _) -> exponent);
            powers.putAll(inside);
        }
        return Quotient.of(Polynomial.of(Term.normal(BigFraction.ONE, powers, work)));
    }

    /** A sum in the exponent is a product of powers, and its rational part is an ordinary power. */
    private Quotient symbolicPower(Quotient base, Quotient exponent) {
        Refusal.unless(!base.above().isZero(), Reason.UNDEFINED, "zero to a power that is not known");
        if (base.isRational() && base.rational().equals(BigFraction.ONE)) {
            return base;
        }
        if (!exponent.isWhole()) {
            return atom("power", List.of(base, exponent));
        }
        Quotient product = power(base, Quotient.of(exponent.above().constant()));
        for (Map.Entry<Map<Atom, BigFraction>, BigFraction> term :
                exponent.above().terms().entrySet()) {
            if (!term.getKey().isEmpty()) {
                BigFraction times = new BigFraction(term.getValue().getNumerator());
                var part = new Term(term.getValue().divide(times), term.getKey());
                var atom = new Atom("power(", List.of(base, Quotient.of(Polynomial.of(part))));
                var raised = new Term(BigFraction.ONE, Map.of(atom, times));
                product = product.times(Quotient.of(Polynomial.of(raised)), work);
            }
        }
        return product;
    }

    /** The prime factors of a positive number, with their exponents. */
    private Map<BigInteger, Integer> primes(BigFraction value) {
        var primes = new HashMap<BigInteger, Integer>();
        factor(value.getNumerator(), 1, primes);
        factor(value.getDenominator(), -1, primes);
        return primes;
    }

    private void factor(BigInteger number, int sign, Map<BigInteger, Integer> primes) {
        Refusal.unless(number.bitLength() < Long.SIZE, Reason.LIMIT, "a root of a large number");
        long remainder = number.longValueExact();
        long divisor = 2;
        for (; divisor * divisor <= remainder; divisor++) {
            Refusal.unless(divisor <= MAX_DIVISOR, Reason.LIMIT, "a root of a large number");
            for (; remainder % divisor == 0; remainder /= divisor) {
                primes.merge(BigInteger.valueOf(divisor), sign, Integer::sum);
            }
        }
        work.spend(divisor / 4);
        if (remainder > 1) {
            primes.merge(BigInteger.valueOf(remainder), sign, Integer::sum);
        }
    }
}
