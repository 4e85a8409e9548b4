package org.rlvr4j.eval.grader;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Parts of an answer, and what separates them.
 *
 * @param texts one more than signs
 */
record Parts(List<List<Token>> texts, List<String> signs) {

    /** Splits where no bracket is open. */
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

    /** Where the bracket that comes first is closed, counting brackets of all kinds alike; -1 if nowhere. */
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
