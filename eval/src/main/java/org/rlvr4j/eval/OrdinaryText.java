package org.rlvr4j.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.text.Tokenizer;
import org.rlvr4j.tensor.LogProbs;
import org.rlvr4j.tensor.Segments;

/**
 * Ordinary text, whose perplexity shows what a model forgets while it learns something else.
 *
 * @param name    name of its file
 * @param windows pieces in tokens, which are read one by one, each without what came before it
 */
public record OrdinaryText(String name, List<int[]> windows) {

    /** Most tokens of a window. */
    public static final int WINDOW = 256;

    /** @throws IllegalArgumentException if there is no window, or one has a single token */
    public OrdinaryText {
        windows = List.copyOf(windows);
        if (windows.isEmpty() || windows.stream().anyMatch(window -> window.length < 2)) {
            throw new IllegalArgumentException(name + " has fewer than two tokens, so it has no perplexity");
        }
    }

    /**
     * Reads a text. A single token that is left at its end is not measured.
     *
     * @param file      text in UTF-8
     * @param tokenizer tokenizer of the model
     * @throws IllegalArgumentException if it has fewer than two tokens
     * @throws UncheckedIOException     if the file cannot be read
     */
    public static OrdinaryText load(Path file, Tokenizer tokenizer) {
        try {
            int[] tokens = tokenizer.encode(Files.readString(file));
            var windows = new ArrayList<int[]>();
            for (int from = 0; from < tokens.length - 1; from += WINDOW) {
                windows.add(Arrays.copyOfRange(tokens, from, Math.min(from + WINDOW, tokens.length)));
            }
            return new OrdinaryText(file.toString(), windows);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the text " + file + " (" + e.getMessage() + ")", e);
        }
    }

    /**
     * Perplexity: the exponential of the mean negative log-likelihood, in nats, of every token but the first of each window.
     *
     * @param model model that reads the text, and is not changed
     */
    public double perplexity(Decoder model) {
        double sum = 0;
        int count = 0;
        for (int[] window : windows) {
            int[] rows = IntStream.range(0, window.length - 1).toArray();
            double[] logProbs = model.workspace()
                    .scoped(() ->
                            new LogProbs(model.logProb(window, rows, Segments.ofLengths(window.length), 1)).toArray());
            sum += Arrays.stream(logProbs).sum();
            count += rows.length;
        }
        return Math.exp(-sum / count);
    }
}
