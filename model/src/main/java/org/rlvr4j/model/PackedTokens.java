package org.rlvr4j.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Segments;

/**
 * Tokens of packed sequences, with the rows whose next token is scored.
 *
 * @param tokens   (T) token ids of all sequences, one after another
 * @param segments row ranges of the sequences, which may continue one another
 * @param rows     rows whose next token is scored, ascending
 * @param targets  next token of each of these rows
 * @param prefix   what the sequence outside of the batch left; null if no sequence continues one outside
 * @param returned sequence of this batch that is the prefix itself and takes the gradients it collected; or
 *                 {@link Segments#NONE}
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity
public record PackedTokens(
        int[] tokens,
        Segments segments,
        int[] rows,
        int[] targets,
        @Nullable KeptPrefix prefix,
        int returned) {

    /** @throws IllegalArgumentException if the sizes do not fit one another */
    public PackedTokens {
        if (tokens.length != segments.total() || rows.length != targets.length) {
            throw new IllegalArgumentException(tokens.length + " tokens for " + segments.total() + " rows, "
                    + targets.length + " targets for " + rows.length + " scored rows");
        }
        if (returned != Segments.NONE && (prefix == null || segments.length(returned) != prefix.length())) {
            throw new IllegalArgumentException("sequence " + returned + " is not the prefix");
        }
    }

    /**
     * Whole sequences, none of which continues another.
     *
     * @param tokens   (T) token ids of all sequences, one after another
     * @param segments row ranges of the sequences
     * @param rows     rows whose next token is scored, ascending; never the last row of a sequence
     */
    public static PackedTokens whole(int[] tokens, Segments segments, int[] rows) {
        int[] targets = Arrays.stream(rows).map(row -> tokens[row + 1]).toArray();
        return new PackedTokens(tokens, segments, rows, targets, null, Segments.NONE);
    }
}
