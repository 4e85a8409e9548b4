package org.rlvr4j.eval.grader;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Parts of an answer, and the signs that separate them.
 *
 * @param texts tokens of each part; one part more than signs
 * @param signs signs between the parts, in their order
 */
record Parts(List<List<Token>> texts, List<String> signs) {

    /** Splits at separators outside of all brackets. */
    static Parts split(List<Token> tokens, Set<String> separators) {
        var parts = new Parts(new ArrayList<>(), new ArrayList<>());
        int from = 0;
        int depth = 0;
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            depth += token.opens() ? 1 : token.closes() ? -1 : 0;
            if (depth == 0 && separators.contains(token.text())) {
                parts.texts.add(tokens.subList(from, i));
                parts.signs.add(token.text());
                from = i + 1;
            }
        }
        parts.texts.add(tokens.subList(from, tokens.size()));
        return parts;
    }

    /** The index at which the first token's bracket is closed, counting all kinds of brackets alike; -1 if nowhere. */
    static int closing(List<Token> tokens) {
        int depth = 0;
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            depth += token.opens() ? 1 : token.closes() ? -1 : 0;
            if (depth == 0) {
                return tokens.getFirst().opens() ? i : -1;
            }
        }
        return -1;
    }
}
