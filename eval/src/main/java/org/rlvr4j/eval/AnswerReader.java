package org.rlvr4j.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rlvr4j.eval.Answer.Relation;
import org.rlvr4j.eval.Answer.Several;
import org.rlvr4j.eval.Answer.Text;
import org.rlvr4j.eval.Answer.Value;

/** Reads the structure of an answer in plain LaTeX: lists, brackets, relations and units, down to expressions. */
final class AnswerReader {

    private static final Pattern COMMA = Pattern.compile("[,;]");
    private static final Pattern UNION = Pattern.compile("\\\\cup(?![a-zA-Z]) ?");
    private static final Pattern SIGN = Pattern.compile("[=<>]|\\\\(le|ge|in)(?![a-zA-Z]) ?");
    private static final Map<String, String> REVERSED = Map.of("<", ">", ">", "<", "\\le", "\\ge", "\\ge", "\\le");
    private static final Pattern ROW_END = Pattern.compile("\\\\\\\\");
    private static final Pattern CELL_END = Pattern.compile("&");
    private static final Pattern MATRIX =
            Pattern.compile("\\\\begin\\{([pb]matrix|array)}(?:\\{[lcr|]*})?(.*)\\\\end\\{\\1}");

    /** {@code 1,000} is one number; {@code 1, 000} is a list and has become {@code 1;000}. */
    private static final Pattern THOUSANDS = Pattern.compile("-?(\\\\dollar )?[1-9]\\d{0,2}(,\\d{3})+(?!\\d)[^,]*");

    private static final String DEGREES = "^\\circ";
    private static final Pattern FULL_STOP = Pattern.compile("(?<=[\\d}])\\.$");
    private static final Pattern DOLLARS = Pattern.compile("(-?)\\\\dollar ?(.*)");
    private static final Pattern MEASURE = Pattern.compile(
            "(.+?)(?:\\\\text\\{([a-zA-Z ]+)}|(?<=[\\d})]) ?(cm|km|[a-z]{3,}(?: [a-z]{3,})*))(\\^\\{?[23]}?)?");

    /** Measures that leave a number as it is; {@code dozen}, {@code pairs} or {@code million} are none. */
    private static final Set<String> UNITS = Set.of(("square cubic per unit degree radian mm cm dm m km millimeter"
                    + " centimeter meter kilometer inch inche foot feet yard mile mph mg g kg gram kilogram pound ounce"
                    + " ton ml l liter gallon cup s sec second min minute h hour day week month year cent dollar point"
                    + " student people way apple")
            .split(" "));

    private static final int MAX_DEPTH = 10;

    private AnswerReader() {}

    static Answer read(String plain) {
        return read(plain, 0);
    }

    private static Answer read(String part, int depth) {
        String text = Latex.unwrap(part.strip());
        if (depth > MAX_DEPTH || text.isEmpty()) {
            return new Text(part);
        }
        Matcher matrix = MATRIX.matcher(text);
        if (matrix.matches()) {
            List<Several> rows = Arrays.stream(ROW_END.split(matrix.group(2)))
                    .map(row -> several("row", List.of(CELL_END.split(row, -1)), depth))
                    .toList();
            return new Several("matrix", List.copyOf(rows));
        }
        List<String> items = THOUSANDS.matcher(text).matches()
                ? List.of(text)
                : split(text, COMMA).texts();
        if (items.size() > 1) {
            return several("", items, depth);
        }
        Parts sides = split(text, SIGN);
        if (!sides.separators().isEmpty()) {
            return relation(sides, depth);
        }
        items = split(text, UNION).texts();
        return items.size() > 1 ? several("\\cup", items, depth) : bracketed(text, depth);
    }

    private static Answer bracketed(String text, int depth) {
        int open = text.startsWith("\\{") && text.endsWith("\\}") ? 1 : 0;
        if (!"{([".contains(text.substring(open, open + 1)) || Latex.closing(text, open) != text.length() - 1) {
            return scalar(text);
        }
        String inner = text.substring(open + 1, text.length() - open - 1);
        String brackets = text.substring(0, open + 1) + text.substring(text.length() - open - 1);
        List<String> items = split(inner, COMMA).texts();
        boolean onlyGroups = items.size() == 1 && brackets.equals("()");
        return onlyGroups ? read(inner, depth + 1) : several(brackets, items, depth);
    }

    private static Several several(String brackets, List<String> items, int depth) {
        List<Answer> answers = items.stream().map(item -> read(item, depth + 1)).toList();
        return new Several(brackets, answers);
    }

    private static Relation relation(Parts sides, int depth) {
        List<Answer> answers =
                sides.texts().stream().map(side -> read(side, depth + 1)).toList();
        if (!sides.separators().getFirst().matches(">|\\\\ge")) {
            return new Relation(answers, sides.separators());
        }
        List<String> reversed = sides.separators().reversed().stream()
                .map(sign -> REVERSED.getOrDefault(sign, sign))
                .toList();
        return new Relation(answers.reversed(), reversed);
    }

    private static Answer scalar(String text) {
        String number = FULL_STOP.matcher(text).replaceFirst("");
        String unit = "";
        Matcher measure = MEASURE.matcher(number);
        Matcher dollars = DOLLARS.matcher(number);
        if (number.endsWith("%")) {
            unit = "%";
            number = number.substring(0, number.length() - unit.length());
        } else if (number.endsWith(DEGREES)) {
            unit = "degree";
            number = number.substring(0, number.length() - DEGREES.length());
        } else if (dollars.matches()) {
            unit = "dollar";
            number = dollars.group(1) + dollars.group(2);
        } else if (measure.matches() && UNITS.containsAll(unitWords(measure))) {
            unit = String.join(" ", unitWords(measure)) + Objects.requireNonNullElse(measure.group(4), "");
            number = measure.group(1);
        }
        String measuredIn = unit.replaceAll("[{}]", "");
        return ExpressionParser.parse(number)
                .<Answer>map(value -> new Value(value, measuredIn))
                .orElseGet(() -> new Text(text));
    }

    /** The words of a unit, without the s of the plural. */
    private static List<String> unitWords(Matcher measure) {
        String words = measure.group(2) == null ? measure.group(3) : measure.group(2);
        return Arrays.stream(words.strip().split(" "))
                .map(word -> word.replaceFirst("(?<=...)s$", ""))
                .toList();
    }

    /** Parts of a text, and what separates them. */
    private record Parts(List<String> texts, List<String> separators) {}

    /** Splits where no bracket is open. */
    private static Parts split(String text, Pattern separator) {
        var parts = new Parts(new ArrayList<>(), new ArrayList<>());
        Matcher next = separator.matcher(text);
        int from = 0;
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{' || c == '(' || c == '[') {
                depth++;
            } else if (c == '}' || c == ')' || c == ']') {
                depth--;
            } else if (depth == 0 && next.region(i, text.length()).lookingAt()) {
                parts.texts.add(text.substring(from, i));
                parts.separators.add(next.group().strip());
                from = next.end();
            }
        }
        parts.texts.add(text.substring(from));
        return parts;
    }
}
