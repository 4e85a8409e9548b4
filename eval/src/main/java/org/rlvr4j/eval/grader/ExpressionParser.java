package org.rlvr4j.eval.grader;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
import org.rlvr4j.eval.grader.Token.Kind;

/**
 * Parser of expressions by recursive descent, which refuses an expression of more than one reading.
 *
 * <pre>
 * whole    = sum [ \over sum | \choose sum ]
 * sum      = [sign] product { sign product }                        sign = + | - | \pm | \mp
 * product  = power { (* | / | nothing) power }                      after / something must be written
 * power    = postfix [ ^ exponent ]
 * postfix  = atom { ! | degree }
 * atom     = number | mixed number | number _ base | letter [_ index] | f(sum) | ( whole ) | [ whole ] | { whole } | |sum|
 *          | \frac atom atom | \sqrt [degree] atom | \binom atom atom | function [_ base] [^ power] argument | constant
 * argument = ( sum ) | { sum } | power { power }                    up to the next sign or function
 * </pre>
 */
final class ExpressionParser {

    private static final Set<String> FUNCTION_LETTERS = Set.of("f", "g", "h", "F", "G");
    private static final int MAX_DEPTH = 60;

    /** Placeholder for the base of a logarithm without one, which {@link AnswerReader} replaces. */
    static final Symbol BASE = new Symbol("\\base");

    static final Symbol PLUS_OR_MINUS = new Symbol("\\pm");

    private final Cursor in;
    private int depth;
    private int bars; // number of open absolute values

    /** Parser that reads from a cursor, as far as the expression goes. */
    ExpressionParser(Cursor in) {
        this.in = in;
    }

    /** Reads what TeX takes for a group: a sum, or two of them one over the other. */
    Expression whole() {
        Expression above = sum();
        if (in.take("\\over")) {
            return new Ratio(above, sum());
        }
        return in.take("\\choose") ? Expression.call("binomial", above, sum()) : above;
    }

    Expression sum() {
        require(++depth <= MAX_DEPTH, "a deep expression");
        var terms = new ArrayList<Expression>();
        do {
            Token sign = in.peek("+") || in.peek("-") || in.peek("\\pm") || in.peek("\\mp") ? in.next() : null;
            Expression product = in.take("-") ? Expression.negative(product()) : product();
            terms.add(sign == null ? product : signed(sign, product));
        } while (in.peek("+") || in.peek("-") || in.peek("\\pm") || in.peek("\\mp"));
        depth--;
        return terms.size() == 1 ? terms.getFirst() : new Sum(terms);
    }

    private static Expression signed(Token sign, Expression product) {
        return switch (sign.text()) {
            case "+" -> product;
            case "-" ->
                product instanceof Rational(BigFraction value)
                        ? new Rational(value.negate())
                        : Expression.negative(product);
            case "\\pm" -> Expression.product(PLUS_OR_MINUS, product);
            default -> Expression.negative(Expression.product(PLUS_OR_MINUS, product));
        };
    }

    private Expression product() {
        Expression value = power();
        boolean divided = false;
        while (true) {
            if (in.take("*")) {
                value = Expression.product(value, factorAfterSign());
            } else if (in.peek("/") && startsFactor(1)) {
                in.skip(1);
                divided = true;
                value = new Ratio(value, factorAfterSign());
            } else if (juxtaposed() || (in.kind(0) == Kind.NUMBER && takesNumber(value))) {
                require(!divided, "a/bc, which has two readings");
                value = Expression.product(value, power());
            } else {
                return value;
            }
        }
    }

    /** Whether a number may follow without a sign: after 3! any, after a letter or a bracket a power: {@code n2^n}. */
    private boolean takesNumber(Expression value) {
        return switch (value) {
            case Product(List<Expression> factors) -> takesNumber(factors.getLast());
            case Rational _, Ratio _ -> false;
            case Call(String name, List<Expression> _) when !name.equals("root") -> name.equals("factorial");
            default -> in.is(1, "^");
        };
    }

    private Expression factorAfterSign() {
        return in.take("-") ? Expression.negative(power()) : power();
    }

    private boolean juxtaposed() {
        boolean number = in.kind(0) == Kind.NUMBER || (in.peek("{") && in.kind(1) == Kind.NUMBER);
        return !number && startsFactor(0);
    }

    private boolean startsFactor(int ahead) {
        return switch (in.kind(ahead)) {
            case NUMBER, LETTERS -> true;
            case WORD -> false;
            case SIGN -> "({[".contains(in.ahead(ahead).text()) || (in.is(ahead, "|") && bars == 0);
            case COMMAND -> Commands.isFactor(in.ahead(ahead).text());
        };
    }

    private Expression power() {
        Expression base = postfix();
        if (!in.take("^")) {
            return base;
        }
        Expression exponent = exponent();
        require(!in.peek("^") && !in.peek("!"), "a^b^c or a^b!, which have two readings");
        return new Power(base, exponent);
    }

    private Expression exponent() {
        return in.take("-") ? Expression.negative(atom()) : atom();
    }

    private Expression postfix() {
        Expression value = atom();
        while (true) {
            if (in.take("!")) {
                require(!in.peek("!"), "a double factorial");
                value = Expression.call("factorial", value);
            } else if (in.takeDegree()) {
                value = Expression.call("degrees", value);
            } else {
                return value;
            }
        }
    }

    private Expression atom() {
        Token token = in.ahead(0);
        return switch (token.kind()) {
            case NUMBER -> number();
            case LETTERS -> letter();
            case WORD -> throw new Refusal(Reason.UNREADABLE, "a word");
            case COMMAND -> command();
            case SIGN ->
                switch (token.text()) {
                    case "(" -> group("(", ")");
                    case "[" -> group("[", "]");
                    case "|" -> absolute();
                    default -> group("{", "}");
                };
        };
    }

    private Expression group(String open, String close) {
        in.expect(open);
        int outerBars = bars;
        bars = 0;
        Expression value = whole();
        bars = outerBars;
        in.expect(close);
        return value;
    }

    private Expression absolute() {
        in.skip(1);
        bars++;
        Expression value = sum();
        in.expect("|");
        bars--;
        return Expression.call("abs", value);
    }

    private Expression command() {
        String name = in.next().text();
        if (Commands.FUNCTIONS.contains(name)) {
            return function(name.substring(1));
        }
        if (Commands.CONSTANTS.contains(name)) {
            return new Symbol(in.indexed(name));
        }
        if (Commands.ACCENTS.contains(name)) {
            return new Symbol(in.indexed(name + "{" + in.mark() + "}"));
        }
        return switch (name) {
            case "\\frac" -> new Ratio(argument(), argument());
            case "\\binom" -> Expression.call("binomial", argument(), argument());
            case "\\sqrt" -> {
                Expression degree = in.peek("[") ? group("[", "]") : Expression.of(2);
                yield Expression.call("root", argument(), degree);
            }
            case "\\lfloor" -> closed("floor", "\\rfloor");
            case "\\lceil" -> closed("ceiling", "\\rceil");
            default -> {
                require(in.peek("{") && Commands.isMarkup(name), "the command " + name);
                yield group("{", "}"); // markup
            }
        };
    }

    private Expression closed(String function, String close) {
        Expression value = sum();
        in.expect(close);
        return Expression.call(function, value);
    }

    /** The argument of a command: a group, or a single digit, letter or command. */
    private Expression argument() {
        Token token = in.ahead(0);
        if (token.kind() == Kind.NUMBER && token.text().matches("\\d{2,}")) {
            return Expression.of(in.digit());
        }
        return token.kind() == Kind.LETTERS ? new Symbol(in.next().text()) : atom();
    }

    private Expression function(String name) {
        boolean log = name.equals("log") || name.equals("lg");
        Expression base = log && in.take("_") ? argument() : name.equals("lg") ? Expression.of(10) : BASE;
        Expression power = in.take("^") ? exponent() : Expression.of(1);
        boolean grouped = in.peek("(") || in.peek("{") || in.peek("[");
        Expression argument = grouped ? atom() : implicitArgument();
        if (power.equals(Expression.negative(Expression.of(1))) || power.equals(new Rational(BigFraction.MINUS_ONE))) {
            return Expression.call("arc" + name, argument);
        }
        require(!grouped || !in.peek("^"), "a power of a function, which has two readings");
        Expression value = log ? quotientOfLogs(argument, base) : Expression.call(name, argument);
        if (name.equals("exp")) {
            value = new Power(new Symbol("e"), argument);
        }
        return power.equals(Expression.of(1)) ? value : new Power(value, power);
    }

    private static Expression quotientOfLogs(Expression argument, Expression base) {
        return new Ratio(Expression.call("ln", argument), Expression.call("ln", base));
    }

    private Expression implicitArgument() {
        Expression argument = power();
        while (juxtaposed()
                && !(in.kind(0) == Kind.COMMAND
                        && Commands.FUNCTIONS.contains(in.ahead(0).text()))) {
            argument = Expression.product(argument, power());
        }
        require(!in.peek("/"), "a function of a quotient, which has two readings");
        return argument;
    }

    private Expression letter() {
        String name = in.next().text();
        if (FUNCTION_LETTERS.contains(name) && in.peek("(")) {
            return Expression.call(name + "(", group("(", ")"));
        }
        return new Symbol(in.indexed(name));
    }

    /** Reads a number, one in another base, or one like {@code 2\frac{1}{3}}, which is 2 + 1/3. */
    private Expression number() {
        String digits = in.next().text();
        if (in.peek("_")) { // a numeral, whose base matters, so it is a name like any other
            return new Symbol(in.indexed("#" + digits));
        }
        if (in.atRepetend(digits)) {
            return new Rational(in.repeating(digits));
        }
        boolean bracketed = digits.contains(".") && in.peek("(") && in.kind(1) == Kind.NUMBER && in.is(2, ")");
        require(!bracketed, "0.1(6), which may be a repeating decimal");
        var whole = new Rational(Cursor.value(digits));
        boolean slash = in.kind(0) == Kind.NUMBER && in.is(1, "/") && in.kind(2) == Kind.NUMBER;
        if (!digits.matches("\\d+") || !(slash || in.peek("\\frac"))) {
            return whole;
        }
        require(!slash || in.ahead(0).spaced(), "numbers side by side");
        Expression fraction = slash ? slashed() : command();
        if (!(fraction instanceof Ratio(Rational(BigFraction above), Rational(BigFraction below)))) {
            return Expression.product(whole, fraction);
        }
        boolean proper = above.compareTo(below) < 0
                && Stream.of(above, below)
                        .allMatch(part -> part.getDenominator().equals(BigInteger.ONE));
        require(proper && !in.peek("^"), "a mixed number whose fraction is improper");
        return new Sum(List.of(whole, fraction));
    }

    private Expression slashed() {
        var above = new Rational(Cursor.value(in.next().text()));
        in.expect("/");
        return new Ratio(above, new Rational(Cursor.value(in.next().text())));
    }

    private static void require(boolean condition, String message) {
        Refusal.unless(condition, Reason.UNREADABLE, message);
    }
}
