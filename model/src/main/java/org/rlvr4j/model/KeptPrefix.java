package org.rlvr4j.model;

import java.util.ArrayList;
import java.util.List;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Layout;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.Workspace;

/**
 * Kept prefix: keys and values of a sequence for later passes that continue it, and the sums of their gradients.
 *
 * <p>It outlives the release of the workspace between passes. The last of them contains the sequence itself, through
 * which the gradients flow on.
 */
public final class KeptPrefix implements AutoCloseable {

    private final int length;
    private final TensorArena arena;
    private final List<Attention.Prefix> layers = new ArrayList<>();

    private KeptPrefix(Decoder model, int length) {
        this.length = length;
        Workspace workspace = model.workspace();
        int count = model.config().layers();
        var shape = new Shape(length, model.config().keyValueSize());
        arena = new TensorArena(workspace.type(), workspace.backend().memory());
        Buffer numbers = arena.allocate(2L * count * shape.size()); // at once, so that there is no more than planned
        Buffer sums = arena.zeros(2L * count * shape.size());
        for (int i = 0; i < 2 * count; i += 2) {
            layers.add(new Attention.Prefix(
                    part(workspace, shape, numbers, sums, i), part(workspace, shape, numbers, sums, i + 1)));
        }
    }

    private static Tensor part(Workspace workspace, Shape shape, Buffer numbers, Buffer sums, int i) {
        Buffer data = numbers.slice(i * shape.size(), shape.size());
        return Tensor.parameter(workspace, shape, Layout.ROWS, data, sums.slice(i * shape.size(), shape.size()));
    }

    /**
     * Computes the keys and values of a sequence, without recording it.
     *
     * @param model  model that the passes run
     * @param tokens token ids of the sequence, at least one
     */
    static KeptPrefix of(Decoder model, int[] tokens) {
        var prefix = new KeptPrefix(model, tokens.length);
        Segments segments = Segments.ofLengths(tokens.length);
        int[] lastRow = {tokens.length - 1};
        model.workspace()
                .scoped(() -> model.hidden(tokens, segments.positions(), lastRow, (layer, q, k, v) -> {
                    prefix.layers.get(layer).keys().data().copyFrom(k.data());
                    prefix.layers.get(layer).values().data().copyFrom(v.data());
                    return Attention.forward(q, k, v, segments, model.heads());
                }));
        return prefix;
    }

    /** Number of tokens of the sequence. */
    public int length() {
        return length;
    }

    /** Bytes of keys, values and gradients. */
    long bytes() {
        return layers.stream()
                .mapToLong(layer -> 2
                        * (layer.keys().data().segment().byteSize()
                                + layer.values().data().segment().byteSize()))
                .sum();
    }

    /**
     * Keys and values of a layer, with their gradients.
     *
     * @param layer layer of the model, from 0
     */
    Attention.Prefix layer(int layer) {
        return layers.get(layer);
    }

    @Override
    public void close() {
        arena.close();
    }
}
