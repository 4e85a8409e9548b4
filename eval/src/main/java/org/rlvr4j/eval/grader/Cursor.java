package org.rlvr4j.eval.grader;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.apache.commons.math3.fraction.BigFraction;
import org.rlvr4j.eval.grader.Refusal.Reason;
import org.rlvr4j.eval.grader.Token.Kind;

/** Cursor in a list of tokens. */
final class Cursor {

    private static final String REPETEND = "\\d{1,60}";
    private static final int MAX_SCALE = 4_000; // digits before or after the decimal point

    private final List<Token> tokens;
    private int position;

    Cursor(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** The tokens that have not been read. */
    List<Token> rest() {
        return tokens.subList(position, tokens.size());
    }

    /** The token so many places after the next one; refused beyond the end. */
    Token ahead(int places) {
        Refusal.unless(position + places < tokens.size(), Reason.UNREADABLE, "an incomplete expression");
        return tokens.get(position + places);
    }

    /** The kind of the token so many places after the next one; a word beyond the end. */
    Kind kind(int places) {
        return position + places < tokens.size() ? tokens.get(position + places).kind() : Kind.WORD;
    }

    boolean is(int places, String text) {
        return position + places < tokens.size()
                && tokens.get(position + places).is(text);
    }

    boolean peek(String text) {
        return is(0, text);
    }

    Token next() {
        Token next = ahead(0);
        position++;
        return next;
    }

    void skip(int places) {
        position += places;
    }

    boolean take(String text) {
        boolean found = peek(text);
        position += found ? 1 : 0;
        return found;
    }

    void expect(String text) {
        Refusal.unless(take(text), Reason.UNREADABLE, "an incomplete expression");
    }

    /** Takes the first digit of the next number; its other digits stay. */
    int digit() {
        Token number = ahead(0);
        tokens.set(position, new Token(Kind.NUMBER, number.text().substring(1), false));
        return number.text().charAt(0) - '0';
    }

    /** Takes the next token, or group in braces, as a text without the braces. */
    String text() {
        if (!peek("{")) {
            return next().text();
        }
        var text = new StringBuilder();
        int open = 0;
        do {
            Token token = next();
            open += token.is("{") ? 1 : token.is("}") ? -1 : 0;
            text.append(token.text());
        } while (open > 0);
        return text.substring(1, text.length() - 1);
    }

    /**
     * Whether repeating digits are next, after the digits before them: {@code 0.\overline{3}}, {@code 0.1\dot{6}}, and
     * {@code 0.(3)}, but not {@code 0.1(6)}, which may be a product.
     */
    boolean atRepetend(String digits) {
        int point = peek(".") ? 1 : 0;
        boolean bracketed = point == 1 && isJoined(1, "(") && kind(2) == Kind.NUMBER && isJoined(3, ")");
        return (point == 1) != digits.contains(".")
                && (bracketed || isMark(point, "\\overline") || isMark(point, "\\bar") || isMark(point, "\\dot"));
    }

    /** Whether a sign is so many places after the next token, and no space before it or before the next token. */
    private boolean isJoined(int places, String sign) {
        return is(places, sign) && !ahead(places).spaced() && !ahead(0).spaced();
    }

    private boolean isMark(int places, String mark) {
        return is(places, mark)
                && (kind(places + 1) == Kind.NUMBER || (is(places + 1, "{") && kind(places + 2) == Kind.NUMBER));
    }

    /** Takes the repeating digits of a decimal, and gives its value. Dots stand on the first and the last of them. */
    BigFraction repeating(String digits) {
        take(".");
        if (take("(")) {
            String bracketed = next().text();
            expect(")");
            boolean followed = kind(0) == Kind.NUMBER && position < tokens.size();
            Refusal.unless(
                    bracketed.matches(REPETEND) && !followed && !peek("(") && !peek("^") && !peek("!"),
                    Reason.UNREADABLE,
                    "a repeating decimal");
            return repeating(digits, bracketed);
        }
        boolean dots = peek("\\dot");
        skip(1);
        String repetend = text();
        if (dots) {
            String inner = kind(0) == Kind.NUMBER && isMark(1, "\\dot") ? next().text() : "";
            repetend += isMark(0, "\\dot") && skipped(1) ? inner + text() : "";
        }
        boolean more = kind(0) == Kind.NUMBER && position < tokens.size();
        Refusal.unless(
                repetend.matches(REPETEND)
                        && !more
                        && !isMark(0, "\\overline")
                        && !isMark(0, "\\bar")
                        && !isMark(0, "\\dot"),
                Reason.UNREADABLE,
                "a repeating decimal");
        return repeating(digits, repetend);
    }

    private static BigFraction repeating(String digits, String repetend) {
        BigFraction start = value(digits);
        int places = digits.contains(".") ? digits.length() - digits.indexOf('.') - 1 : 0;
        BigInteger nines = BigInteger.TEN.pow(repetend.length()).subtract(BigInteger.ONE);
        return start.add(new BigFraction(new BigInteger(repetend), nines.multiply(BigInteger.TEN.pow(places))));
    }

    private boolean skipped(int places) {
        skip(places);
        return true;
    }

    /** Takes the text under a mark; refused if it is a number, as in a repeating decimal. */
    String mark() {
        String text = text();
        Refusal.unless(!text.matches("\\d+"), Reason.UNREADABLE, "a repeating decimal");
        return text;
    }

    /** A name with the primes and the index that follow it, which are taken. */
    String indexed(String name) {
        var indexed = new StringBuilder(name);
        while (take("'")) {
            indexed.append('\'');
        }
        return take("_") ? indexed.append('_').append(text()).toString() : indexed.toString();
    }

    /** Takes a degree sign if one is next: raised or not, in braces or not. */
    boolean takeDegree() {
        boolean raised = peek("^");
        boolean braced = raised && is(1, "{");
        int sign = (raised ? 1 : 0) + (braced ? 1 : 0);
        if (!(is(sign, "\\degree") || (raised && is(sign, "\\circ"))) || (braced && !is(sign + 1, "}"))) {
            return false;
        }
        skip(sign + (braced ? 2 : 1));
        return true;
    }

    /** The value of a number, which must not have too many digits. */
    static BigFraction value(String digits) {
        var decimal = new BigDecimal(digits.length() < MAX_SCALE ? digits : "1E" + Integer.MAX_VALUE);
        Refusal.unless(Math.abs(decimal.scale()) <= MAX_SCALE, Reason.LIMIT, "a number of many digits");
        BigInteger scale = BigInteger.TEN.pow(Math.abs(decimal.scale()));
        return decimal.scale() > 0
                ? new BigFraction(decimal.unscaledValue(), scale)
                : new BigFraction(decimal.unscaledValue().multiply(scale));
    }
}
