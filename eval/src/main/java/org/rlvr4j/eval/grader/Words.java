package org.rlvr4j.eval.grader;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.rlvr4j.eval.grader.Token.Kind;

/** Meaning of a run of letters: a name such as {@code sin} or {@code pi}, a product of letters, or a word. */
final class Words {

    private static final Map<String, String> NAMES = Commands.pairs("""
        sqrt \\sqrt pi \\pi Pi \\pi theta \\theta alpha \\alpha beta \\beta lambda \\lambda infinity \\infty
        Infinity \\infty infty \\infty inf \\infty oo \\infty asin \\arcsin acos \\arccos atan \\arctan percent %
        pct % percentage % and \\and or \\or\
        """);

    private static final Pattern HOLDS_FUNCTION = Pattern.compile(".*(?:sin|cos|tan|log|exp|sqrt|sec|csc).*");

    /** Two letters, or usual names of variables, which make no word. */
    private static final Pattern NO_WORD = Pattern.compile("[a-ckmnp-tv-z]{2}|[abcxyz]+|[pqr]+|[mn]+|[uvw]+|[kmn]+");

    /** Units that are as likely a product of letters where they stand in no text. */
    private static final Set<String> LIKE_UNITS =
            Set.of("mg", "ml", "mL", "hr", "mi", "in", "ft", "km", "dm", "kg", "lb", "yd");

    /** Counted things whose letters, four to six and none twice, might else be a product as in {@code 2 bade}. */
    private static final Set<String> NOUNS = Set.of("""
        ants bags bars bees bikes birds boats bowls boxes boys cakes cans cards cats chairs coins cows crabs crates cubes cups
        dates dimes dogs dots eggs faces fish flags frogs games girls goals goats groups hands hats heads hens kids kites
        lambs lines lions marks meals mice nails nights notes nuts pages parts paths pens pies pigs plants plates plots primes
        prizes quarts rides rings roads ropes routes rows teams terms tiles toys tracks trains trips turns values votes walks
        ways wines words works\
        """.split("\\s+"));

    /** Five letters of which one occurs twice, as a product has a power instead, or more than six. */
    private static final Pattern NO_PRODUCT =
            Pattern.compile("(?=.{5})\\p{L}*(\\p{L})\\p{Ll}*\\1\\p{Ll}*|\\p{L}\\p{Ll}{6,}");

    private static final Set<String> SHORT_NOUNS = Set.of("men", "yen", "won", "pts", "hrs", "cars", "sq");

    private static final Pattern LIKE_A_WORD = Pattern.compile("(?=.*[aeiouAEIOU])\\p{L}{4,}|[^\\x00-\\x7f].*");

    private Words() {}

    /**
     * Resolves each run of letters: afterwards, {@code LETTERS} are single letters, and a {@code WORD} is a word.
     *
     * @param lettersOnly whether letters that may be a unit or a product, such as {@code mg}, are a product
     */
    static List<Token> resolve(List<Token> tokens, boolean lettersOnly) {
        boolean alone = tokens.stream().allMatch(token -> token.isLetters() || "().,".contains(token.text()));
        var resolved = new ArrayList<Token>(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (!token.isLetters()) {
                boolean without = token.is("\\{")
                        && resolved.size() > 1
                        && resolved.getLast().is("-");
                if (without) {
                    resolved.set(resolved.size() - 1, new Token(Kind.COMMAND, "\\setminus", false));
                }
                resolved.add(token);
                continue;
            }
            boolean afterNumber = i > 0 && endsQuantity(tokens.get(i - 1));
            String name = name(token.text());
            if (!name.isEmpty()) {
                resolved.add(new Token(name.length() > 1 ? Kind.COMMAND : Kind.SIGN, name, token.spaced()));
            } else if (isWord(tokens.subList(i, tokens.size()), alone, afterNumber, lettersOnly)) {
                resolved.add(new Token(Kind.WORD, token.text(), token.spaced()));
            } else {
                letters(token, resolved);
            }
        }
        return resolved;
    }

    private static String name(String letters) {
        String lower = letters.toLowerCase(Locale.ROOT);
        if (Commands.FUNCTIONS.contains("\\" + letters)) {
            return "\\" + letters;
        }
        return NAMES.getOrDefault(lower.equals("and") || lower.equals("or") ? lower : letters, "");
    }

    private static boolean endsQuantity(Token before) {
        return before.kind() == Kind.NUMBER || before.is("}") || before.is(")") || before.is("\\pi");
    }

    /** Whether the first of some tokens, a run of letters, is a word. */
    private static boolean isWord(List<Token> tokens, boolean alone, boolean afterNumber, boolean lettersOnly) {
        Token token = tokens.getFirst();
        String letters = token.text();
        if (letters.length() == 1) {
            boolean unit = token.kind() == Kind.WORD && afterNumber && Unit.isLetter(letters);
            return letters.charAt(0) >= 128 || unit;
        }
        boolean unit = Unit.isKnown(letters) && !(lettersOnly && LIKE_UNITS.contains(letters));
        if (token.kind() == Kind.WORD
                || (LIKE_A_WORD.matcher(letters).matches() && !(afterNumber && !unit && isLikeProduct(tokens)))) {
            return true;
        }
        if (alone) {
            return !NO_WORD.matcher(letters).matches();
        }
        return HOLDS_FUNCTION.matcher(letters).matches() || (afterNumber && (unit || SHORT_NOUNS.contains(letters)));
    }

    /**
     * Whether the first of some tokens, a run of letters after a number, may be a product: not after a space, in alphabetical
     * order, or neither a noun nor before one.
     */
    private static boolean isLikeProduct(List<Token> tokens) {
        Token token = tokens.getFirst();
        String letters = token.text();
        boolean ordered = letters.chars()
                .sorted()
                .mapToObj(Character::toString)
                .collect(Collectors.joining())
                .equals(letters);
        boolean noun = isNoun(token) || (tokens.size() > 1 && isNoun(tokens.get(1)));
        return letters.charAt(0) < 128 && !(token.spaced() && noun && !ordered);
    }

    private static boolean isNoun(Token token) {
        String letters = token.text();
        boolean unit = letters.length() > 3 && Unit.isKnown(letters);
        return token.isLetters()
                && (unit
                        || NOUNS.contains(letters)
                        || NO_PRODUCT.matcher(letters).matches());
    }

    /** Whether an accepted answer has letters that may be a unit or a product. */
    static boolean hasLettersLikeUnits(List<Token> tokens) {
        return tokens.stream()
                .anyMatch(token -> token.kind() == Kind.LETTERS
                        && LIKE_UNITS.contains(token.text())
                        && (!token.spaced() || token.text().equals("mg")));
    }

    private static void letters(Token run, List<Token> resolved) {
        boolean spaced = run.spaced();
        for (int i = 0; i < run.text().length(); i++) {
            resolved.add(new Token(Kind.LETTERS, run.text().substring(i, i + 1), spaced));
            spaced = false;
        }
    }
}
