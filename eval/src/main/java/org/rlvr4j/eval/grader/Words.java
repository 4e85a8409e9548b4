package org.rlvr4j.eval.grader;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.rlvr4j.eval.grader.Token.Kind;

/** Meaning of a run of letters: a name such as {@code sin} or {@code pi}, a product of letters, or a word. */
final class Words {

    private static final Map<String, String> NAMES = Commands.pairs("""
        sqrt \\sqrt pi \\pi Pi \\pi theta \\theta alpha \\alpha beta \\beta lambda \\lambda infinity \\infty
        Infinity \\infty infty \\infty inf \\infty oo \\infty asin \\arcsin acos \\arccos atan \\arctan percent %
        pct % percentage % and ; or ;\
        """);

    private static final Pattern HOLDS_FUNCTION = Pattern.compile(".*(?:sin|cos|tan|log|exp|sqrt|sec|csc).*");

    /** Two letters, or usual names of variables, which make no word. */
    private static final Pattern NO_WORD = Pattern.compile("[a-ckmnp-tv-z]{2}|[abcxyz]+|[pqr]+|[mn]+|[uvw]+|[kmn]+");

    private static final Pattern LIKE_A_WORD = Pattern.compile("(?=.*[aeiouAEIOU])\\p{L}{4,}|[^\\x00-\\x7f].*");

    private Words() {}

    /** Resolves each run of letters: afterwards, {@code LETTERS} are single letters, and a {@code WORD} is a word. */
    static List<Token> resolve(List<Token> tokens) {
        boolean alone = tokens.stream().allMatch(token -> token.isLetters() || "().,".contains(token.text()));
        var resolved = new ArrayList<Token>(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (!token.isLetters()) {
                resolved.add(token);
                continue;
            }
            boolean afterNumber = i > 0 && endsQuantity(tokens.get(i - 1));
            String name = name(token.text());
            if (!name.isEmpty()) {
                resolved.add(new Token(name.length() > 1 ? Kind.COMMAND : Kind.SIGN, name, token.spaced()));
            } else if (isWord(token, alone, afterNumber)) {
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

    private static boolean isWord(Token token, boolean alone, boolean afterNumber) {
        String letters = token.text();
        if (letters.length() == 1) {
            return letters.charAt(0) >= 128;
        }
        if (token.kind() == Kind.WORD || LIKE_A_WORD.matcher(letters).matches()) {
            return true;
        }
        if (alone) {
            return !NO_WORD.matcher(letters).matches();
        }
        boolean noun = token.spaced()
                && letters.length() > 2
                && !NO_WORD.matcher(letters).matches();
        return HOLDS_FUNCTION.matcher(letters).matches() || (afterNumber && (noun || Unit.isKnown(letters)));
    }

    private static void letters(Token run, List<Token> resolved) {
        boolean spaced = run.spaced();
        for (int i = 0; i < run.text().length(); i++) {
            resolved.add(new Token(Kind.LETTERS, run.text().substring(i, i + 1), spaced));
            spaced = false;
        }
    }
}
