package org.rlvr4j.eval.grader;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.math3.fraction.BigFraction;
import org.rlvr4j.eval.grader.Expression.Call;
import org.rlvr4j.eval.grader.Expression.Product;
import org.rlvr4j.eval.grader.Expression.Ratio;
import org.rlvr4j.eval.grader.Expression.Rational;
import org.rlvr4j.eval.grader.ParsedAnswer.Compound;
import org.rlvr4j.eval.grader.ParsedAnswer.Relation;
import org.rlvr4j.eval.grader.ParsedAnswer.Text;
import org.rlvr4j.eval.grader.ParsedAnswer.Value;
import org.rlvr4j.eval.grader.Refusal.Reason;
import org.rlvr4j.eval.grader.Token.Kind;

/**
 * Reader of an answer's structure, down to expressions and units.
 *
 * <pre>
 * answer   = relation { (, | ; | and | or) relation }
 * relation = union { (= | &lt; | \le | > | \ge | \ne | \in) union } [ \approx ... ]
 * union    = item { \cup item }
 * item     = ( answer ) | [ answer ] | \{ answer \} | \begin{pmatrix} ... \end{pmatrix} | item : item | scalar
 * scalar   = [ \$ ] sum [ unit | % ] | words
 * </pre>
 */
final class AnswerReader {

    private static final Set<String> COMMA = Set.of(",", ";", "\\and", "\\or");
    private static final Set<String> GROUP_END = Set.of(";", "\\and", "\\or");
    private static final Set<String> APPROXIMATELY = Set.of("\\approx");
    private static final Set<String> UNION = Set.of("\\cup");
    private static final Set<String> WITHOUT = Set.of("\\setminus");
    private static final Set<String> COLON = Set.of(":");
    private static final Set<String> ROW_END = Set.of("\\\\");
    private static final Set<String> CELL_END = Set.of("&");
    private static final Set<String> SIGNS = Set.of("=", "<", ">", "\\le", "\\ge", "\\ne", "\\in");
    private static final Map<String, String> REVERSED = Map.of("<", ">", ">", "<", "\\le", "\\ge", "\\ge", "\\le");
    private static final Set<String> MATRICES =
            Set.of("{pmatrix}", "{bmatrix}", "{array}", "{matrix}", "{smallmatrix}");
    private static final Set<String> LEADING_WORDS =
            Set.of("the", "answer", "is", "exactly", "approximately", "equals");

    /** Words for all real numbers, in lower case. */
    private static final Set<String> REALS = Set.of("""
        all real numbers|all reals|all the real numbers|all real values|every real number|any real number
        the real numbers|the set of real numbers|the set of all real numbers|set of all real numbers
        \u5168\u4f53\u5b9e\u6570|\u6240\u6709\u5b9e\u6570|\u4e00\u5207\u5b9e\u6570\
        """.strip().split("\\s*[|\\n]\\s*"));

    private static final int MAX_DEPTH = 60;

    private final Work work;
    private final Expression logBase;

    private final boolean lettersOnly;

    /**
     * Reader for one comparison.
     *
     * @param logBase     base of logarithms that are written without one
     * @param lettersOnly whether letters that may be a unit or a product, such as {@code mg}, are a product
     */
    AnswerReader(Work work, Expression logBase, boolean lettersOnly) {
        this.work = work;
        this.logBase = logBase;
        this.lettersOnly = lettersOnly;
    }

    ParsedAnswer read(List<Token> tokens) {
        return read(Words.resolve(tokens, lettersOnly), 0);
    }

    private ParsedAnswer read(List<Token> part, int depth) {
        work.spend(1 + part.size());
        List<Token> tokens = trimmed(part);
        Parts approximations = Parts.split(tokens, APPROXIMATELY);
        if (depth > MAX_DEPTH || tokens.isEmpty()) {
            return new Text(joined(part), false);
        }
        if (Parts.closing(tokens) == tokens.size() - 1 && MATRICES.contains(environment(tokens.getFirst()))) {
            return matrix(tokens.subList(1, tokens.size() - 1), depth);
        }
        Parts items = Parts.split(tokens, COMMA);
        if (items.texts().size() > 1) {
            items.texts().removeIf(List::isEmpty);
            return items.texts().size() == 1 ? read(items.texts().getFirst(), depth + 1) : list(tokens, items, depth);
        }
        if (approximations.texts().size() > 1) {
            boolean valued = approximations.texts().getFirst().stream()
                    .anyMatch(token -> token.kind() == Kind.NUMBER || token.is("\\pi"));
            return read(
                    valued
                            ? approximations.texts().getFirst()
                            : approximations.texts().getLast(),
                    depth + 1);
        }
        Parts sides = Parts.split(tokens, SIGNS);
        if (!sides.signs().isEmpty()) {
            return relation(sides, depth);
        }
        Parts sets = Parts.split(tokens, UNION);
        if (sets.texts().size() > 1) {
            return compound(Compound.UNION, sets.texts(), depth);
        }
        Parts difference = Parts.split(tokens, WITHOUT);
        if (difference.texts().size() == 2) {
            return compound(Compound.WITHOUT, difference.texts(), depth);
        }
        Parts ratio = Parts.split(tokens, COLON);
        if (ratio.texts().size() > 1) {
            return compound(isTime(ratio.texts()) ? Compound.CLOCK : Compound.RATIO, ratio.texts(), depth);
        }
        return item(tokens, depth);
    }

    /** Whether the parts of a ratio may be hours and minutes, and perhaps seconds. */
    private static boolean isTime(List<List<Token>> parts) {
        return parts.size() < 4
                && parts.getFirst().size() == 1
                && parts.getFirst().getFirst().text().matches("[01]?\\d|2[0-4]")
                && parts.stream()
                        .skip(1)
                        .allMatch(part ->
                                part.size() == 1 && part.getFirst().text().matches("[0-5]\\d"));
    }

    /** Reads a list. In {@code p=5, q=2; p=7, q=2}, points of named coordinates, semicolons and words separate points. */
    private ParsedAnswer list(List<Token> tokens, Parts items, int depth) {
        Parts groups = Parts.split(tokens, GROUP_END);
        boolean nested = !groups.signs().isEmpty() && items.signs().contains(",");
        List<ParsedAnswer> points = groups.texts().stream()
                .map(group -> nested ? read(group, depth + 1).asPoint() : Compound.NONE)
                .toList();
        boolean allPoints = points.stream()
                .allMatch(it -> it instanceof Compound(String kind, List<ParsedAnswer> _) && kind.equals("()"));
        return allPoints
                ? new Compound(Compound.LIST, points)
                : Conditions.joined(compound(Compound.LIST, items.texts(), depth), items.signs());
    }

    /** Tokens without braces around all of them, and without a full stop at the end. */
    private static List<Token> trimmed(List<Token> part) {
        List<Token> tokens = part;
        boolean changed = true;
        while (changed && !tokens.isEmpty()) {
            Token last = tokens.getLast();
            Token before = tokens.size() > 1 ? tokens.get(tokens.size() - 2) : last;
            boolean number = before.kind() == Kind.NUMBER;
            boolean ends = last.is("\\\\")
                    || (tokens.size() > 1 && (last.is("=") || last.is(".")))
                    || (last.is("\\ldots")
                            && number
                            && tokens.size() == 2
                            && !before.text().contains("."));
            boolean braced = tokens.getFirst().is("{") && Parts.closing(tokens) == tokens.size() - 1;
            changed = ends || braced;
            tokens = braced ? tokens.subList(1, tokens.size() - 1) : tokens.subList(0, tokens.size() - (ends ? 1 : 0));
        }
        return tokens;
    }

    private static int indexOf(List<Token> tokens, String sign) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).is(sign)) {
                return i;
            }
        }
        return -1;
    }

    private static String environment(Token token) {
        return token.text().startsWith("\\begin") ? token.text().substring("\\begin".length()) : "";
    }

    private ParsedAnswer matrix(List<Token> tokens, int depth) {
        Parts rows = Parts.split(tokens, ROW_END);
        rows.texts().removeIf(List::isEmpty);
        List<ParsedAnswer> rowAnswers = rows.texts().stream()
                .<ParsedAnswer>map(
                        row -> compound("row", Parts.split(row, CELL_END).texts(), depth))
                .toList();
        return new Compound(Compound.MATRIX, rowAnswers);
    }

    private Compound compound(String kind, List<List<Token>> items, int depth) {
        var answers = new ArrayList<ParsedAnswer>();
        for (List<Token> item : items) {
            ParsedAnswer answer = read(item, depth + 1);
            boolean pair =
                    answer instanceof Compound(String inner, List<ParsedAnswer> _) && inner.equals(Compound.LIST);
            boolean flat = pair && (kind.equals(Compound.LIST) || kind.equals(Compound.SET));
            if (flat) {
                answers.addAll(((Compound) answer).items());
            } else {
                answers.add(answer);
            }
        }
        boolean set = kind.equals(Compound.SET)
                || (kind.equals(Compound.LIST) && answers.stream().allMatch(it -> it instanceof Compound));
        return new Compound(kind, set ? answers.stream().distinct().toList() : List.copyOf(answers));
    }

    private ParsedAnswer relation(Parts sides, int depth) {
        List<ParsedAnswer> answers = sides.texts().stream()
                .filter(side -> !side.isEmpty())
                .map(side -> read(side, depth + 1))
                .toList();
        boolean equation = sides.signs().stream().allMatch("="::equals);
        if (answers.size() == 1 && equation) {
            return answers.getFirst(); // as in: = 5
        }
        if (answers.size() != sides.texts().size()) {
            return new Text(joined(sides), false);
        }
        List<String> signs = sides.signs();
        if (equation) {
            return new Relation(List.of(answers.getFirst(), answers.getLast()), List.of("="));
        }
        boolean greater = signs.stream().anyMatch(sign -> sign.equals(">") || sign.equals("\\ge"));
        return greater
                ? new Relation(
                        answers.reversed(),
                        signs.reversed().stream()
                                .map(sign -> REVERSED.getOrDefault(sign, sign))
                                .toList())
                : new Relation(answers, signs);
    }

    private ParsedAnswer item(List<Token> tokens, int depth) {
        if (tokens.getFirst().is("\\emptyset") && tokens.size() == 1) {
            return Compound.NONE;
        }
        String open = tokens.getFirst().text();
        if (!Set.of("(", "[", "\\{", "\\langle").contains(open) || Parts.closing(tokens) != tokens.size() - 1) {
            return scalar(tokens);
        }
        List<Token> inner = tokens.subList(1, tokens.size() - 1);
        String brackets = open + tokens.getLast().text();
        List<List<Token>> items =
                inner.isEmpty() ? List.of() : Parts.split(inner, COMMA).texts();
        if (items.size() == 1 && (brackets.equals("()") || brackets.equals("[]"))) {
            return read(inner, depth + 1);
        }
        return compound(
                switch (brackets) {
                    case "\\{\\}" -> Compound.SET;
                    case "\\langle\\rangle" -> "()";
                    default -> brackets;
                },
                items,
                depth);
    }

    private ParsedAnswer scalar(List<Token> item) {
        if (item.stream().allMatch(token -> token.kind() == Kind.WORD)
                && REALS.contains(joined(item).toLowerCase(Locale.ROOT))) {
            return Value.of(Conditions.REALS, Unit.NONE, work);
        }
        int leadingWords = 0;
        while (leadingWords < item.size() - 1
                && LEADING_WORDS.contains(item.get(leadingWords).text().toLowerCase(Locale.ROOT))) {
            leadingWords++;
        }
        List<Token> tokens = item.subList(leadingWords, item.size());
        if (tokens.stream().allMatch(token -> token.kind() == Kind.WORD || token.kind() == Kind.SIGN)
                && tokens.stream().anyMatch(token -> token.kind() == Kind.WORD)) {
            return new Text(joined(tokens), tokens.stream().allMatch(Token::isLetters));
        }
        try {
            return quantity(new ArrayList<>(tokens));
        } catch (Refusal refusal) {
            if (refusal.reason() == Reason.LIMIT) {
                throw refusal;
            }
            return new Text(joined(tokens), false);
        }
    }

    private ParsedAnswer quantity(List<Token> tokens) {
        int dollar = indexOf(tokens, "\\$");
        boolean money = dollar >= 0 && (dollar <= 1 || dollar == tokens.size() - 1);
        if (money) {
            tokens.remove(dollar);
        }
        boolean share = !tokens.isEmpty() && tokens.getLast().is("%");
        if (share) {
            tokens.removeLast();
        }
        Unit temperature = Unit.takeTemperature(tokens);
        var cursor = new Cursor(tokens);
        Expression number = new ExpressionParser(cursor).whole().with(ExpressionParser.BASE.name(), logBase);
        BigFraction scale = Unit.scale(
                cursor.kind(0) == Kind.WORD && !cursor.rest().isEmpty()
                        ? cursor.ahead(0).text()
                        : "");
        boolean scaled = !scale.equals(BigFraction.ONE);
        Refusal.unless(!scaled || isNumeral(number), Reason.UNREADABLE, "a sum of thousands or millions");
        cursor.skip(scaled ? 1 : 0);
        Expression sum = scaled ? Expression.product(new Rational(scale), number) : number;
        List<Token> rest = cursor.rest();
        Unit unit = money ? Unit.DOLLAR : share ? Unit.PER_CENT : temperature.isNone() ? Unit.read(rest) : temperature;
        boolean complete = money || share || !temperature.isNone();
        boolean dollars = money && scaled && Unit.read(rest).equals(Unit.DOLLAR);
        Refusal.unless(rest.isEmpty() || dollars || !complete, Reason.UNREADABLE, "a unit after a unit");
        if (sum instanceof Call(String function, List<Expression> arguments)
                && function.equals("degrees")
                && unit.isNone()) {
            return quantity(arguments.getFirst(), Unit.DEGREE);
        }
        return quantity(sum, unit);
    }

    /** Whether an expression is one number, perhaps negative, so that a word such as "million" certainly multiplies all of it. */
    private static boolean isNumeral(Expression expression) {
        return switch (expression) {
            case Rational _ -> true;
            case Ratio(Expression above, Expression below) -> above instanceof Rational && below instanceof Rational;
            case Product(List<Expression> factors) ->
                factors.size() == 2 && factors.getFirst().equals(Expression.of(-1)) && isNumeral(factors.getLast());
            default -> false;
        };
    }

    private ParsedAnswer quantity(Expression expression, Unit unit) {
        Set<String> symbols = expression.symbols();
        if (symbols.contains(ExpressionParser.PLUS_OR_MINUS.name())) {
            ParsedAnswer plus =
                    quantity(expression.with(ExpressionParser.PLUS_OR_MINUS.name(), Expression.of(1)), unit);
            ParsedAnswer minus =
                    quantity(expression.with(ExpressionParser.PLUS_OR_MINUS.name(), Expression.of(-1)), unit);
            return new Compound(Compound.LIST, List.of(plus, minus));
        }
        if (symbols.contains(Conditions.INFINITY.name())) {
            boolean signed = expression.equals(Conditions.INFINITY)
                    || expression.equals(Expression.negative(Conditions.INFINITY));
            Refusal.unless(signed, Reason.UNREADABLE, "arithmetic with infinity");
        }
        return Value.of(expression, unit, work);
    }

    private static String joined(Parts parts) {
        return parts.signs()
                + parts.texts().stream().map(AnswerReader::joined).toList().toString();
    }

    private static String joined(List<Token> tokens) {
        return tokens.stream().map(Token::text).collect(Collectors.joining(" "));
    }
}
