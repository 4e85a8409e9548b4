package org.rlvr4j.eval.grader;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.rlvr4j.eval.grader.Token.Kind;

/** Words and marks around an answer: {@code the answer is}, a full stop, the letter of a choice. */
final class Framing {

    private static final int MAX_WORDS = 5;

    /** Phrases before an answer, in lower case. */
    private static final Set<String> PHRASES = Set.of("""
        the answer is|answer is|answer|the final answer is|final answer is|final answer|the correct answer is
        la respuesta es|la respuesta final es|respuesta|respuesta final|la r\u00e9ponse est|r\u00e9ponse|la reponse est|reponse
        die antwort ist|die antwort lautet|antwort|a resposta \u00e9|a resposta e|resposta|la risposta \u00e8|la risposta e|risposta
        \u043e\u0442\u0432\u0435\u0442|\u7b54\u6848\u662f|\u7b54\u6848\u4e3a|\u7b54\u6848\u70ba|\u7b54\u6848|\u6700\u7ec8\u7b54\u6848\u662f|\u6700\u7ec8\u7b54\u6848|\u6240\u4ee5\u7b54\u6848\u662f|\u7b54\u3048\u306f|\u7b54\u3048|\uc815\ub2f5\uc740|\ub2f5\uc740|\uc815\ub2f5|\ub2f5\
        """.strip().split("\\s*[|\\n]\\s*"));

    /**
     * Letter of a choice with the answer that stands beside it: {@code (C) 42}.
     *
     * @param rest tokens of the answer; none if the letter stands alone
     */
    record Choice(String letter, List<Token> rest) {}

    private Framing() {}

    /** The tokens without a phrase before them and a full stop after them. */
    static List<Token> stripped(List<Token> tokens) {
        int start = 0;
        var phrase = new StringBuilder();
        for (int i = 0; i < Math.min(tokens.size(), MAX_WORDS) && tokens.get(i).isLetters(); i++) {
            phrase.append(i == 0 ? "" : " ").append(tokens.get(i).text().toLowerCase(Locale.ROOT));
            start = PHRASES.contains(phrase.toString()) ? i + 1 : start;
        }
        start += start > 0 && start < tokens.size() && tokens.get(start).is(":") ? 1 : 0;
        List<Token> rest = start < tokens.size() ? tokens.subList(start, tokens.size()) : tokens;
        boolean stop = rest.size() > 1 && rest.getLast().text().equals(".");
        return stop ? rest.subList(0, rest.size() - 1) : rest;
    }

    /**
     * The choice that an answer makes: {@code C}, {@code (C)}, {@code (C) 42}, {@code C. 42} or {@code C: 42}.
     *
     * <p>What follows a letter in mathematics must be a number, a fraction or a root after a space, so that no product is
     * taken for a choice.
     */
    static Optional<Choice> choice(List<Token> tokens) {
        int bracket = !tokens.isEmpty() && tokens.getFirst().text().equals("(") ? 1 : 0;
        if (tokens.size() <= bracket
                || !tokens.get(bracket).isLetters()
                || !tokens.get(bracket).text().matches("[A-J]")) {
            return Optional.empty();
        }
        Token letter = tokens.get(bracket);
        if (tokens.size() == 1) {
            return Optional.of(new Choice(letter.text(), List.of()));
        }
        String mark = tokens.size() > bracket + 1 ? tokens.get(bracket + 1).text() : "";
        if (!(bracket == 1 ? Set.of(")") : Set.of(")", ".", ":")).contains(mark)) {
            return Optional.empty();
        }
        List<Token> rest = tokens.subList(bracket + 2, tokens.size());
        return rest.isEmpty() || follows(letter, rest.getFirst())
                ? Optional.of(new Choice(letter.text(), rest))
                : Optional.empty();
    }

    private static boolean follows(Token letter, Token first) {
        boolean number = first.kind() == Kind.NUMBER
                || Set.of("\\frac", "\\sqrt", "\\$", "$").contains(first.text());
        boolean text = letter.kind() == Kind.WORD
                && (first.isLetters() || first.kind() == Kind.COMMAND || first.is("(") || first.is("-"));
        return text || (number && (first.spaced() || letter.kind() == Kind.WORD));
    }
}
