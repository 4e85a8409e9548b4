package org.rlvr4j.model.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rlvr4j.model.text.template.Template;

/**
 * Rendered conversation, with the places that its template marks as written by assistants.
 *
 * @param marked rendered text and marked places
 */
public record MarkedText(Template.Marked marked) {

    public String text() {
        return marked.text();
    }

    /**
     * Whether each token of the text overlaps a marked place, as {@code return_assistant_tokens_mask} of Transformers has it.
     *
     * @param tokenizer tokenizer of the text
     * @param tokens    ids of the text's tokens
     * @throws IllegalArgumentException if tokens cannot be placed in the text: one took in white space beside it, or
     *                                  normal form C joined characters of two places
     */
    public boolean[] marks(Tokenizer tokenizer, int[] tokens) {
        List<long[]> places = places(
                tokenizer, Arrays.stream(tokens).mapToLong(tokenizer::length).sum());
        var marks = new boolean[tokens.length];
        int place = 0;
        long start = 0;
        for (int i = 0; i < tokens.length; i++) {
            long end = start + tokenizer.length(tokens[i]);
            while (place < places.size() && start >= places.get(place)[1]) {
                place++;
            }
            marks[i] = place < places.size() && end > places.get(place)[0];
            start = end;
        }
        return marks;
    }

    /** First byte of each place, and the byte behind its last, in the UTF-8 that the tokens are made of. */
    private List<long[]> places(Tokenizer tokenizer, long total) {
        var places = new ArrayList<long[]>();
        long bytes = 0;
        int at = 0;
        for (Template.Span span : marked.spans()) {
            long from = bytes + length(tokenizer, at, span.from());
            long to = from + length(tokenizer, span.from(), span.to());
            places.add(new long[] {from, to});
            bytes = to;
            at = span.to();
        }
        if (bytes + length(tokenizer, at, text().length()) != total) {
            throw new IllegalArgumentException(
                    "the tokens of the conversation cannot be placed in its text, so which of them the chat template"
                            + " marks as the assistant's is not known; use a template without generation marks");
        }
        return places;
    }

    private long length(Tokenizer tokenizer, int from, int to) {
        return tokenizer.bytes(text().substring(from, to));
    }
}
