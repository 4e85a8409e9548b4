package org.rlvr4j.model.text.template.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.rlvr4j.model.text.template.syntax.TemplateException;

/** Python's arithmetic: whole numbers of any size as {@link Long} or {@link BigInteger}, and {@link Double}. */
public final class Numbers {

    private static final int MAX_BITS = 1 << 16;
    private static final int PLAIN_DIGITS = 16; // a float of more is written with an exponent

    private Numbers() {}

    /** A whole number in its shorter form. */
    public static Object of(BigInteger value) {
        if (value.bitLength() > MAX_BITS) {
            throw new TemplateException("a number of more than " + MAX_BITS + " bits");
        }
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    public static boolean isNumber(Object value) {
        return value instanceof Long
                || value instanceof BigInteger
                || value instanceof Double
                || value instanceof Boolean;
    }

    static boolean isWhole(Object value) {
        return isNumber(value) && !(value instanceof Double);
    }

    public static BigInteger whole(Object value) {
        return switch (value) {
            case Long number -> BigInteger.valueOf(number);
            case BigInteger number -> number;
            case Boolean truth -> truth ? BigInteger.ONE : BigInteger.ZERO;
            default -> throw new TemplateException("expected a whole number but found a " + Values.type(value));
        };
    }

    public static double real(Object value) {
        if (value instanceof Double number) {
            return number;
        }
        double real = whole(value).doubleValue();
        if (Double.isInfinite(real)) {
            throw new TemplateException("a whole number too large for a float");
        }
        return real;
    }

    static int compare(Object a, Object b) {
        if (isWhole(a) && isWhole(b)) {
            return whole(a).compareTo(whole(b));
        }
        if (a instanceof Double x && b instanceof Double y) {
            return Double.compare(x, y == 0 && x == 0 ? x : y);
        }
        return exact(a).compareTo(exact(b));
    }

    private static BigDecimal exact(Object value) {
        return value instanceof Double number ? new BigDecimal(number) : new BigDecimal(whole(value));
    }

    static boolean equal(Object a, Object b) {
        if ((a instanceof Double x && !Double.isFinite(x)) || (b instanceof Double y && !Double.isFinite(y))) {
            return a instanceof Double x && b instanceof Double y && x.doubleValue() == y.doubleValue();
        }
        return compare(a, b) == 0;
    }

    public static Object binary(String operator, Object a, Object b) {
        boolean whole = isWhole(a) && isWhole(b);
        return switch (operator) {
            case "+" -> whole ? of(whole(a).add(whole(b))) : (Object) (real(a) + real(b));
            case "-" -> whole ? of(whole(a).subtract(whole(b))) : (Object) (real(a) - real(b));
            case "*" -> whole ? of(whole(a).multiply(whole(b))) : (Object) (real(a) * real(b));
            case "/" -> quotient(a, b, whole);
            case "//" -> whole ? of(floorDivided(whole(a), whole(b))) : (Object) floored(real(a), real(b));
            case "%" -> whole ? of(remainder(whole(a), whole(b))) : (Object) remainder(real(a), real(b));
            case "**" -> power(a, b, whole);
            default -> throw new TemplateException("unknown operator " + operator);
        };
    }

    private static Object quotient(Object a, Object b, boolean whole) {
        if (real(b) == 0) {
            throw new TemplateException("division by zero");
        }
        if (!whole) {
            return real(a) / real(b);
        }
        var exact = new BigDecimal(whole(a)).divide(new BigDecimal(whole(b)), new java.math.MathContext(40));
        double quotient = exact.doubleValue();
        if (Double.isInfinite(quotient)) {
            throw new TemplateException("a quotient too large for a float");
        }
        boolean negative = (whole(a).signum() < 0) != (whole(b).signum() < 0);
        return quotient == 0 && negative ? -0.0 : quotient;
    }

    private static BigInteger floorDivided(BigInteger a, BigInteger b) {
        if (b.signum() == 0) {
            throw new TemplateException("division by zero");
        }
        BigInteger[] parts = a.divideAndRemainder(b);
        return parts[1].signum() != 0 && parts[1].signum() != b.signum() ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static BigInteger remainder(BigInteger a, BigInteger b) {
        return a.subtract(floorDivided(a, b).multiply(b));
    }

    private static double remainder(double a, double b) {
        if (b == 0) {
            throw new TemplateException("modulo by zero");
        }
        double remainder = a % b;
        if (remainder != 0) {
            return (remainder < 0) == (b < 0) ? remainder : remainder + b;
        }
        return Math.copySign(0.0, b);
    }

    private static double floored(double a, double b) {
        if (b == 0) {
            throw new TemplateException("division by zero");
        }
        double quotient = (a - remainder(a, b)) / b;
        if (quotient == 0) {
            return Math.copySign(0.0, a / b);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static Object power(Object a, Object b, boolean whole) {
        if (whole && whole(b).signum() >= 0) {
            BigInteger base = whole(a);
            BigInteger exponent = whole(b);
            if (base.abs().compareTo(BigInteger.ONE) > 0
                    && (exponent.bitLength() > 31 || (long) base.bitLength() * exponent.intValue() > MAX_BITS)) {
                throw new TemplateException("a power of more than " + MAX_BITS + " bits");
            }
            if (exponent.bitLength() > 31) { // of 0, 1 or -1
                return of(base.signum() < 0 && !exponent.testBit(0) ? BigInteger.ONE : base);
            }
            return of(base.pow(exponent.intValue()));
        }
        double base = real(a);
        double exponent = real(b);
        if (base == 0 && exponent < 0) {
            throw new TemplateException("zero to a negative power");
        }
        if (base < 0 && exponent != Math.rint(exponent)) {
            throw new TemplateException("unsupported: a complex number");
        }
        double power = StrictMath.pow(base, exponent);
        if (Double.isInfinite(power) && !Double.isInfinite(base) && !Double.isInfinite(exponent)) {
            throw new TemplateException("a power too large for a float");
        }
        return power;
    }

    public static Object negate(Object value) {
        return value instanceof Double number
                ? (Object) (-number)
                : of(whole(value).negate());
    }

    /** Python's {@code repr} of a float: the shortest digits that read back the same. */
    static String text(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        String digits = exact.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - exact.scale();
        String sign = value < 0 ? "-" : "";
        if (exponent < -4 || exponent >= PLAIN_DIGITS) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            return "%s%s%se%s%02d"
                    .formatted(sign, digits.charAt(0), fraction, exponent < 0 ? "-" : "+", Math.abs(exponent));
        }
        String plain = exact.abs().toPlainString();
        return sign + (plain.contains(".") ? plain : plain + ".0");
    }

    /** Python's {@code round(value, digits)}: half to even, of the float's exact value. */
    public static Object rounded(Object value, int digits) {
        if (isWhole(value)) {
            if (digits >= 0) {
                return of(whole(value));
            }
            return of(new BigDecimal(whole(value))
                    .setScale(digits, RoundingMode.HALF_EVEN)
                    .toBigInteger());
        }
        double number = real(value);
        if (!Double.isFinite(number) || digits > 400) {
            return number;
        }
        double rounded = new BigDecimal(number)
                .setScale(Math.max(digits, -400), RoundingMode.HALF_EVEN)
                .doubleValue();
        return rounded == 0 ? Math.copySign(0.0, number) : rounded;
    }

    /** Whole part of a number, towards zero. */
    public static Object truncated(double value) {
        if (!Double.isFinite(value)) {
            throw new TemplateException("cannot convert " + text(value) + " to a whole number");
        }
        return of(new BigDecimal(value).toBigInteger());
    }
}
