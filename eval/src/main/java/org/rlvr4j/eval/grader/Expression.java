package org.rlvr4j.eval.grader;

import java.math.BigInteger;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.math3.fraction.BigFraction;

/** Expression as it is written, before anything is computed. */
sealed interface Expression {

    record Rational(BigFraction value) implements Expression {}

    /** Symbol: a letter, with its subscript if it has one, or a constant such as {@code \pi}. */
    record Symbol(String name) implements Expression {}

    record Sum(List<Expression> terms) implements Expression {}

    record Product(List<Expression> factors) implements Expression {}

    record Ratio(Expression above, Expression below) implements Expression {}

    record Power(Expression base, Expression exponent) implements Expression {}

    /** Call of a function such as {@code sin}, {@code root} or {@code factorial}. */
    record Call(String function, List<Expression> arguments) implements Expression {}

    static Expression of(long value) {
        return new Rational(new BigFraction(value));
    }

    static Expression product(Expression... factors) {
        return new Product(List.of(factors));
    }

    static Expression negative(Expression value) {
        return product(of(-1), value);
    }

    static Expression call(String function, Expression... arguments) {
        return new Call(function, List.of(arguments));
    }

    /** The expressions directly inside this one. */
    default List<Expression> parts() {
        return switch (this) {
            case Rational _, Symbol _ -> List.of();
            case Sum(List<Expression> terms) -> terms;
            case Product(List<Expression> factors) -> factors;
            case Ratio(Expression above, Expression below) -> List.of(above, below);
            case Power(Expression base, Expression exponent) -> List.of(base, exponent);
            case Call(String _, List<Expression> arguments) -> arguments;
        };
    }

    /** The names of all symbols in the expression, in alphabetical order. */
    default Set<String> symbols() {
        var names = new TreeSet<String>();
        if (this instanceof Symbol(String name)) {
            names.add(name);
        }
        parts().forEach(part -> names.addAll(part.symbols()));
        return names;
    }

    /** The rational numbers in the expression. */
    default Stream<BigFraction> numbers() {
        return this instanceof Rational(BigFraction value)
                ? Stream.of(value)
                : parts().stream().flatMap(Expression::numbers);
    }

    /** Whether the expression has a function of several branches: an absolute value, a root, a logarithm or an angle. */
    default boolean isBranched() {
        boolean here =
                switch (this) {
                    case Power(Expression _, Expression exponent) ->
                        exponent.numbers()
                                        .anyMatch(part -> !part.getDenominator().equals(BigInteger.ONE))
                                || exponent instanceof Ratio;
                    case Call(String function, List<Expression> _) ->
                        function.startsWith("arc")
                                || Set.of("abs", "root", "ln").contains(function);
                    default -> false;
                };
        return here || parts().stream().anyMatch(Expression::isBranched);
    }

    /** This expression with a value in place of a symbol. */
    default Expression with(String symbol, Expression value) {
        return switch (this) {
            case Rational number -> number;
            case Symbol(String name) -> name.equals(symbol) ? value : this;
            case Sum(List<Expression> terms) -> new Sum(with(terms, symbol, value));
            case Product(List<Expression> factors) -> new Product(with(factors, symbol, value));
            case Ratio(Expression above, Expression below) ->
                new Ratio(above.with(symbol, value), below.with(symbol, value));
            case Power(Expression base, Expression exponent) ->
                new Power(base.with(symbol, value), exponent.with(symbol, value));
            case Call(String function, List<Expression> arguments) ->
                new Call(function, with(arguments, symbol, value));
        };
    }

    private static List<Expression> with(List<Expression> parts, String symbol, Expression value) {
        return parts.stream().map(part -> part.with(symbol, value)).toList();
    }
}
