package org.rlvr4j.eval.grader;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.commons.math3.fraction.BigFraction;
import org.rlvr4j.eval.grader.Refusal.Reason;
import org.rlvr4j.eval.grader.Token.Kind;

/**
 * Unit of a number: a unit of measure, or counted things.
 *
 * @param size   number of base units in this unit
 * @param powers exponents by base unit
 */
record Unit(BigFraction size, Map<String, Integer> powers) {

    static final Unit NONE = new Unit(BigFraction.ONE, Map.of());
    static final Unit PER_CENT = of("%");
    static final Unit DEGREE = of("degree");
    static final Unit DOLLAR = of("dollar");

    private static final Map<String, Long> SCALES = Map.of(
            "hundred",
            100L,
            "thousand",
            1_000L,
            "million",
            1_000_000L,
            "billion",
            1_000_000_000L,
            "trillion",
            1_000_000_000_000L);
    private static final Map<String, Unit> TEMPERATURES =
            Map.of("C", of("celsius"), "Celsius", of("celsius"), "F", of("fahrenheit"), "Fahrenheit", of("fahrenheit"));

    private static final Pattern ROW = Pattern.compile("(\\w+) (\\d+)(?:/(\\d+))? (\\w+)");

    /** Known units, each as a multiple of a base unit: {@code name size base}. */
    private static final Map<String, Unit> KNOWN = table("""
        m 1 metre; meter 1 metre; metre 1 metre; km 1000 metre; kilometer 1000 metre; kilometre 1000 metre
        cm 1/100 metre; centimeter 1/100 metre; centimetre 1/100 metre; mm 1/1000 metre; millimeter 1/1000 metre
        dm 1/10 metre; in 1 inch; inch 1 inch; inche 1 inch; ft 12 inch; foot 12 inch; feet 12 inch; yd 36 inch
        yard 36 inch; mi 63360 inch; mile 63360 inch; s 1 second; sec 1 second; second 1 second; min 60 second
        minute 60 second; h 3600 second; hr 3600 second; hour 3600 second; day 86400 second; week 604800 second
        month 1 month; year 12 month; yr 12 month; g 1 gram; gram 1 gram; kg 1000 gram; kilogram 1000 gram
        mg 1/1000 gram; lb 1 pound; pound 1 pound; oz 1 ounce; ounce 1 ounce; ton 1 ton; l 1 litre; L 1 litre
        liter 1 litre; litre 1 litre; mL 1/1000 litre; ml 1/1000 litre; milliliter 1/1000 litre; gallon 1 gallon
        cup 1 cup; cent 1/100 dollar; dollar 1 dollar; buck 1 dollar; euro 1 euro; degree 1 degree; deg 1 degree
        radian 1 radian; rad 1 radian; celsius 1 celsius; celsiu 1 celsius; fahrenheit 1 fahrenheit; unit 1 unit; point 1 point; mph 63360/3600 mph\
        """);

    /** Words that change the number before them, or connect it with another one. */
    private static final Set<String> NO_UNITS = Set.of(
            ("dozen hundred thousand million billion trillion score half halve third quarter pair couple twice double"
                + " triple percent not no and or to than plu minu time over less more least most is are if for when"
                + " one two three four five six seven eight nine ten base mod modulo remainder where with of fourth"
                + " fifth sixth seventh eighth ninth tenth twelfth hundredth thousandth millionth root factorial zero"
                + " negative below recurring repeating repeated approx lakh crore mil mill\u00f3n millone milh\u00e3o"
                + " milh\u00f5e bilh\u00e3o milione milioni mille millier milliard millionen tausend hundert"
                + " cent\u00e9sim elev cube prime inverse cien ciento dos tres myriad lac")
                    .split(" "));

    /** Characters that change the number before them: tens to billions, half, double, minus and the like. */
    private static final Pattern CHANGES_NUMBER = Pattern.compile(
            ".*(?:[\u5341\u767e\u5343\u4e07\u842c\u4ebf\u5104\u5146\u534a\u500d\u6210\u6298\u5206\u8d1f\u5272\u6b21\u65b9\u4e4b\u6216\u548c\u591a\u4ee5\u7ea6\u9664\u4e58\u52a0\u51cf\ub9cc\uc5b5\ucc9c\ubc31]|\u0442\u044b\u0441\u044f\u0447|\u043c\u0438\u043b\u043b\u0438|\u0441\u043e\u0442|\u0434\u0435\u0441\u044f\u0442|lh\u00e3o|lh\u00f5es|ill\u00f3n|illones|illion|illiard|illard|\u0438\u043b\u0438|\u0431\u043e\u043b\u044c\u0448\u0435|\u043c\u0435\u043d\u044c\u0448\u0435|ousand|undred|dozen).*");

    private static final Map<String, Integer> DEGREES =
            Map.of("square", 2, "sq", 2, "squared", 2, "cubic", 3, "cu", 3, "cubed", 3);

    /** The number that a word such as "million" multiplies by; 1 for any other word. */
    static BigFraction scale(String word) {
        return new BigFraction(SCALES.getOrDefault(singular(word), 1L));
    }

    /** Takes a degree sign with the letter or name of a temperature's scale off the end of an answer; none if there is none. */
    static Unit takeTemperature(List<Token> tokens) {
        Unit unit = tokens.isEmpty() || !tokens.getLast().isLetters()
                ? NONE
                : TEMPERATURES.getOrDefault(tokens.getLast().text(), NONE);
        int end = tokens.size() - 2;
        boolean braced = end > 0 && tokens.get(end).is("}");
        int sign = braced ? end - 1 : end;
        if (unit.isNone()
                || sign < 1
                || !(tokens.get(sign).is("\\circ") || tokens.get(sign).is("\\degree"))) {
            return NONE;
        }
        int start = braced && tokens.get(sign - 1).is("{") ? sign - 1 : sign;
        start -= start > 0 && tokens.get(start - 1).is("^") ? 1 : 0;
        if (start == 0 || (braced && start > sign - 1)) {
            return NONE;
        }
        tokens.subList(start, tokens.size()).clear();
        return unit;
    }

    private static Unit of(String base) {
        return new Unit(BigFraction.ONE, Map.of(base, 1));
    }

    private static Map<String, Unit> table(String units) {
        var table = new TreeMap<String, Unit>();
        for (MatchResult row : ROW.matcher(units).results().toList()) {
            BigInteger divisor = row.group(3) == null ? BigInteger.ONE : new BigInteger(row.group(3));
            table.put(
                    row.group(1),
                    new Unit(new BigFraction(new BigInteger(row.group(2)), divisor), Map.of(row.group(4), 1)));
        }
        return table;
    }

    static boolean isKnown(String word) {
        return KNOWN.containsKey(word) || KNOWN.containsKey(singular(word)) || DEGREES.containsKey(word);
    }

    /** Whether a letter may stand for a unit as well as for a variable. */
    static boolean isLetter(String letter) {
        return "mshgLl".contains(letter);
    }

    static Unit known(String letter) {
        return KNOWN.getOrDefault(letter, NONE);
    }

    boolean isNone() {
        return powers.isEmpty();
    }

    /** Whether this is a scale of temperature, such as degrees Celsius, and the other one a degree of no scale. */
    boolean isScaleOf(Unit degree) {
        return degree.equals(DEGREE) && TEMPERATURES.containsValue(this);
    }

    Unit times(Unit other, int exponent) {
        var product = new TreeMap<>(powers);
        other.powers.forEach((base, power) -> product.merge(base, power * exponent, Integer::sum));
        product.values().removeIf(power -> power == 0);
        return new Unit(size.multiply(other.size.pow(exponent)), Map.copyOf(product));
    }

    /** Reads words such as {@code square feet}, {@code cm^2} or {@code miles per hour}; refuses words that are no unit. */
    static Unit read(List<Token> tokens) {
        Unit unit = NONE;
        int sign = 1;
        int power = 1;
        Unit last = NONE;
        var nouns = new ArrayList<String>();
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            String word = singular(token.text());
            if (token.is("/") || word.equals("per")) {
                sign = -1;
            } else if (DEGREES.containsKey(token.text())) {
                int degree = DEGREES.get(token.text());
                boolean followsUnit = token.text().endsWith("ed") && !last.isNone();
                unit = followsUnit ? unit.times(last, sign * (degree - 1)) : unit;
                power = followsUnit ? 1 : degree;
            } else if (token.is("^")) {
                int exponent = exponent(tokens.subList(i + 1, tokens.size()));
                unit = unit.times(last, sign * (exponent - 1));
                break;
            } else if (!token.is(".") || i == 0) {
                Refusal.unless(
                        token.isLetters()
                                && !NO_UNITS.contains(word)
                                && !CHANGES_NUMBER.matcher(word).matches(),
                        Reason.UNREADABLE,
                        "an unknown unit");
                last = KNOWN.getOrDefault(token.text(), KNOWN.getOrDefault(word, NONE));
                if (last.isNone()) {
                    nouns.add(word);
                } else {
                    unit = unit.times(last, sign * power);
                    power = 1;
                }
            }
        }
        boolean temperature = unit.powers.containsKey("celsius") || unit.powers.containsKey("fahrenheit");
        unit = temperature && unit.powers.containsKey("degree") ? unit.times(DEGREE, -1) : unit;
        Refusal.unless(power == 1 || !nouns.isEmpty(), Reason.UNREADABLE, "a power of no unit");
        return nouns.isEmpty() ? unit : unit.times(of(String.join(" ", nouns)), 1);
    }

    private static int exponent(List<Token> tokens) {
        List<Token> digits = tokens.stream()
                .filter(token -> !token.is("{") && !token.is("}"))
                .toList();
        Refusal.unless(
                digits.size() == 1
                        && digits.getFirst().kind() == Kind.NUMBER
                        && digits.getFirst().text().matches("[23]"),
                Reason.UNREADABLE,
                "an unknown unit");
        return Integer.parseInt(digits.getFirst().text());
    }

    private static String singular(String word) {
        String lower = word.length() > 2 ? word.toLowerCase(Locale.ROOT) : word;
        return lower.length() > 3 && lower.endsWith("s") && !lower.endsWith("ss")
                ? lower.substring(0, lower.length() - 1)
                : lower;
    }
}
