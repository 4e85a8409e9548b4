package org.rlvr4j.eval;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.math3.fraction.BigFraction;

/**
 * Reads an expression as LaTeX writes it, if it has one reading only.
 *
 * <pre>
 * sum     = [+-] product { (+|-) product }
 * product = power { (* | / | nothing) power }       nothing: no number may follow, and no quotient with / go before
 * power   = atom [ ^ atom ]
 * atom    = number | mixed number | letter | ( sum ) | { sum } | \frac{sum}{sum} | \sqrt[sum]{sum} | \pi
 * </pre>
 */
final class ExpressionParser {

    private static final Pattern NUMBER =
            Pattern.compile("[1-9]\\d{0,2}(,\\d{3})+(?!\\d)(\\.\\d+)?|(0|[1-9]\\d*)(?!\\d)(\\.\\d+|\\.$)?|\\.\\d+");
    private static final Pattern MIXED =
            Pattern.compile("(\\d+)(?:\\\\frac\\{(\\d+)}\\{(\\d+)}| (\\d+)/(\\d+))(?![\\d^])");
    private static final Pattern BASE = Pattern.compile("(\\d+)_(?:\\{(\\d+)}|(\\d+))");
    private static final Pattern LETTER = Pattern.compile("[a-zA-Z](?:_(\\w)|_\\{(\\w+)})?");
    private static final Pattern LETTERS = Pattern.compile("[a-zA-Z]+");
    private static final Pattern COMMAND = Pattern.compile("\\\\[a-zA-Z]+ ?");

    /** Letters side by side are a product only if they cannot be a word: {@code ab} and {@code xyz}, not {@code no}. */
    private static final Pattern NO_WORD = Pattern.compile("[a-zA-Z]|[a-ckmnp-tv-z]{2}|[abcxyz]+");

    private static final Pattern SYMBOL =
            Pattern.compile("\\\\(pi|alpha|beta|gamma|delta|epsilon|theta|lambda|mu|phi|varphi|rho|sigma|tau|omega)");
    private static final int MAX_DEPTH = 50;

    private final String text;
    private int at;
    private int depth;

    private ExpressionParser(String text) {
        this.text = text;
    }

    /** The value of all of the text; nothing if it is not such an expression or its value is not exact. */
    static Optional<Polynomial> parse(String text) {
        var parser = new ExpressionParser(text);
        try {
            Polynomial value = parser.sum();
            return parser.at == text.length() ? Optional.of(value) : Optional.empty();
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    private Polynomial sum() {
        Term.check(++depth <= MAX_DEPTH, "a deep expression");
        Polynomial total = Polynomial.of(BigFraction.ZERO);
        do {
            boolean negative = take('-');
            if (!negative) {
                take('+');
            }
            Polynomial product = product();
            total = total.plus(negative ? product.negate() : product);
        } while (peek() == '+' || peek() == '-');
        depth--;
        return total;
    }

    private Polynomial product() {
        Polynomial value = power();
        boolean divided = false;
        while (true) {
            if (take('*')) {
                value = value.times(power());
            } else if (take('/')) {
                divided = true;
                value = value.over(power());
            } else if (take(' ') || peek() == '\\' || peek() == '(' || Character.isLetter(peek())) {
                Term.check(!divided, "a/bc, which has two readings");
                Term.check(!Character.isDigit(peek()) && peek() != '.', "two numbers side by side");
                value = value.times(power());
            } else {
                return value;
            }
        }
    }

    private Polynomial power() {
        Polynomial base = atom();
        if (!take('^')) {
            return base;
        }
        Polynomial exponent = Character.isDigit(peek()) ? number() : atom();
        Term.check(peek() != '^', "a^b^c, which has two readings");
        return base.power(exponent.rational());
    }

    private Polynomial atom() {
        return switch (peek()) {
            case '{' -> group('{', '}');
            case '(' -> group('(', ')');
            case '\\' -> command();
            default -> Character.isLetter(peek()) ? letter() : mixedNumber();
        };
    }

    private Polynomial group(char open, char close) {
        Term.check(take(open), "an incomplete expression");
        Polynomial value = sum();
        Term.check(take(close), "an incomplete expression");
        return value;
    }

    private Polynomial command() {
        String name = next(COMMAND).group().strip();
        if (name.equals("\\frac")) {
            return group('{', '}').over(group('{', '}'));
        }
        if (name.equals("\\sqrt")) {
            BigFraction degree = peek() == '[' ? group('[', ']').rational() : BigFraction.TWO;
            return (peek() == '(' ? group('(', ')') : group('{', '}')).power(degree.reciprocal());
        }
        Term.check(SYMBOL.matcher(name).matches(), name);
        return Polynomial.atom(name);
    }

    private Polynomial letter() {
        if (at == 0 || !Character.isLetter(text.charAt(at - 1))) {
            Matcher letters = matcher(LETTERS);
            Term.check(letters.lookingAt() && NO_WORD.matcher(letters.group()).matches(), "a word");
        }
        boolean function = "fgh".indexOf(peek()) >= 0;
        String name = next(LETTER).group().replaceAll("[{}]", "");
        Term.check(!function || peek() != '(', "the function " + name);
        return Polynomial.atom(name);
    }

    /** A number, or one like {@code 2\frac{1}{3}}, which is 2 + 1/3. */
    private Polynomial mixedNumber() {
        Matcher mixed = matcher(MIXED);
        if (!mixed.lookingAt()) {
            return number();
        }
        at = mixed.end();
        boolean slash = mixed.group(2) == null;
        var above = new BigInteger(mixed.group(slash ? 4 : 2));
        var below = new BigInteger(mixed.group(slash ? 5 : 3));
        Term.check(above.compareTo(below) < 0, "a mixed number whose fraction is improper");
        return Polynomial.of(new BigFraction(above, below).add(new BigInteger(mixed.group(1))));
    }

    private Polynomial number() {
        Matcher base = matcher(BASE);
        if (base.lookingAt()) { // written in another base; a name like any other
            at = base.end();
            return Polynomial.atom("#" + base.group().replaceAll("[{}]", ""));
        }
        var decimal = new BigDecimal(next(NUMBER).group().replace(",", ""));
        return Polynomial.of(new BigFraction(decimal.unscaledValue(), BigInteger.TEN.pow(decimal.scale())));
    }

    private Matcher next(Pattern pattern) {
        Matcher matcher = matcher(pattern);
        Term.check(matcher.lookingAt(), "what cannot be read");
        at = matcher.end();
        return matcher;
    }

    private Matcher matcher(Pattern pattern) {
        return pattern.matcher(text).region(at, text.length()).useTransparentBounds(true);
    }

    private boolean take(char c) {
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    /** The next character; 0 at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }
}
