package org.rlvr4j.tensor;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model's weights by name, one after another in one arena; their gradients and moments lie alike in others. */
public final class Parameters implements AutoCloseable {

    private static final int ALIGNMENT = 16; // elements: a cache line of single precision

    private final Workspace workspace;
    private final List<Spec> specs;
    private final DType matrices;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final List<RowGradients> apart = new ArrayList<>();
    private final TensorArena arena;
    private final TensorArena.Mark own;
    private final Buffer weights;
    private final Buffer grads;

    /** Role of a weight, which decides its layout. */
    public enum Kind {
        /** Weight of a linear layer, or table of an embedding. */
        MATRIX,
        /** Scale of a norm. */
        SCALE,
        /** Bias of a linear layer. */
        BIAS;

        /** Order of the weight's elements in memory. */
        public Layout layout() {
            return this == MATRIX ? Layout.PANELS : Layout.ROWS;
        }
    }

    /**
     * One weight of a model.
     *
     * @param name  as checkpoints have it
     * @param shape (rows, columns); one column for a scale or a bias
     */
    public record Spec(String name, Shape shape, Kind kind) {

        /** Whether the weight is a matrix, whose elements lie in {@link Panels} and may be stored in fewer bits. */
        public boolean isMatrix() {
            return kind == Kind.MATRIX;
        }

        /** Elements of memory. */
        public long size() {
            return aligned(length());
        }

        private long length() {
            return isMatrix() ? Panels.size(shape) : shape.size();
        }

        /** Elements of type {@code unit} that it takes if matrices are kept as {@code matrices}. */
        public long size(DType unit, DType matrices) {
            return aligned(isMatrix() ? length() * matrices.bytes() / unit.bytes() : length());
        }

        private static long aligned(long size) {
            return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }

        private Buffer in(Buffer buffer, long offset, DType matrices) {
            DType type = isMatrix() ? matrices : buffer.type();
            MemorySegment rest = buffer.segment().asSlice(offset * buffer.type().bytes());
            return new Buffer(rest, type, buffer.memory()).slice(0, length());
        }
    }

    /** @param trainable whether there are to be gradients; without them, half of the memory is enough */
    public Parameters(Workspace workspace, List<Spec> specs, boolean trainable) {
        this(workspace, specs, trainable, workspace.type());
    }

    /** Weights that are only read, whose matrices take less memory than what is computed with them. */
    public static Parameters frozen(Workspace workspace, List<Spec> specs, DType matrices) {
        return new Parameters(workspace, specs, false, matrices);
    }

    private Parameters(Workspace workspace, List<Spec> specs, boolean trainable, DType matrices) {
        this.workspace = workspace;
        this.specs = List.copyOf(specs);
        this.matrices = matrices;
        this.arena = new TensorArena(workspace.type(), workspace.backend().memory());
        long total = specs.stream().mapToLong(this::size).sum();
        this.weights = arena.zeros(total);
        this.grads = arena.zeros(trainable ? total : 0);
        this.own = arena.mark();
        long offset = 0;
        for (Spec spec : specs) {
            Buffer data = spec.in(weights, offset, matrices);
            tensors.put(
                    spec.name(),
                    trainable
                            ? Tensor.parameter(
                                    workspace,
                                    spec.shape(),
                                    spec.kind().layout(),
                                    data,
                                    spec.in(grads, offset, matrices))
                            : Tensor.constant(
                                    workspace, spec.shape(), spec.kind().layout(), data));
            offset += size(spec);
        }
    }

    private long size(Spec spec) {
        return spec.size(workspace.type(), matrices);
    }

    /** What each weight is, in their order in memory. */
    public List<Spec> specs() {
        return specs;
    }

    public Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the model has no weight " + name);
        }
        return tensor;
    }

    /** All weights in their order in memory. */
    public Map<String, Tensor> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** Where gradients of a table's rows wait until {@link #mergeRows()}. */
    public RowGradients rowGradients(String name) {
        var rows = new RowGradients(get(name), arena);
        apart.add(rows);
        return rows;
    }

    /** Adds the gradients of rows to those of the weights: once for each mini-batch, after its last backward pass. */
    public void mergeRows() {
        apart.forEach(RowGradients::merge);
        arena.release(own);
    }

    /** Begins the gradients of a mini-batch: what the next backward pass finds is written, not added. */
    public void beginGrads() {
        tensors.values().forEach(tensor -> tensor.gradient().begin());
        apart.forEach(RowGradients::drop);
        arena.release(own);
    }

    /** The square root of the sum of all gradients' squares. */
    public double gradNorm() {
        return Math.sqrt(workspace.backend().sumOfSquares(grads()));
    }

    /** Other numbers of the weights, by the weights' names; the buffer is as long as that of the weights. */
    Map<String, Tensor> named(Buffer buffer) {
        var named = new LinkedHashMap<String, Tensor>();
        long offset = 0;
        for (Spec spec : specs) {
            Buffer part = spec.in(buffer, offset, matrices);
            named.put(
                    spec.name(),
                    Tensor.constant(workspace, spec.shape(), spec.kind().layout(), part));
            offset += size(spec);
        }
        return named;
    }

    /** The name of the first weight whose gradient has a NaN or infinity. */
    public String firstNotFinite() {
        return tensors.entrySet().stream()
                .filter(weight -> !Double.isFinite(
                        workspace.backend().sumOfSquares(weight.getValue().grad())))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("no single weight");
    }

    /** All weights, one after another, panels' filling included. */
    public Buffer weights() {
        return weights;
    }

    /** Gradients of all weights, zero where nothing was added since {@link #beginGrads()}. */
    Buffer grads() {
        tensors.values().stream().filter(Tensor::needsGrad).forEach(Tensor::grad);
        return grads;
    }

    Workspace workspace() {
        return workspace;
    }

    /** The number of weights, without panels' filling. */
    public long count() {
        return tensors.values().stream()
                .mapToLong(tensor -> tensor.shape().size())
                .sum();
    }

    @Override
    public void close() {
        arena.close();
    }
}
