package org.rlvr4j.tensor;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights of a model by name, contiguous in one arena; their gradients and the moments of the optimizer use the same
 * order.
 */
public final class Parameters implements AutoCloseable {

    private static final int ALIGNMENT = 16; // elements: a cache line of single precision

    private final Workspace workspace;
    private final List<Spec> specs;
    private final DType matrixType;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final List<RowGradients> rowGradients = new ArrayList<>();
    private final TensorArena arena;
    private final TensorArena.Mark rowGradientsStart;
    private final Buffer weights;
    private final Buffer grads;

    /** Role of a weight, which determines its layout. */
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
     * Specification of one weight of a model.
     *
     * @param name  name in checkpoints
     * @param shape (rows, columns); one column for a scale or a bias
     * @param kind  role of the weight
     */
    public record Spec(String name, Shape shape, Kind kind) {

        /** Whether the weight is a matrix, whose elements lie in {@link Panels} and may be stored in fewer bits. */
        public boolean isMatrix() {
            return kind == Kind.MATRIX;
        }

        /** Number of elements in memory, padding included. */
        public long size() {
            return aligned(length());
        }

        private long length() {
            return kind.layout().size(shape);
        }

        /**
         * Memory in elements of type {@code unit} if matrices are stored as {@code matrixType}.
         *
         * @param unit       type whose elements are counted
         * @param matrixType type in which matrices are stored
         */
        public long size(DType unit, DType matrixType) {
            return aligned(isMatrix() ? length() * matrixType.bytes() / unit.bytes() : length());
        }

        private static long aligned(long size) {
            return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }

        private Buffer slice(Buffer buffer, long offset, DType matrixType) {
            DType type = isMatrix() ? matrixType : buffer.type();
            MemorySegment rest = buffer.segment().asSlice(offset * buffer.type().bytes());
            return new Buffer(rest, type, buffer.memory()).slice(0, length());
        }
    }

    /**
     * @param workspace workspace that the tensors of the weights belong to
     * @param specs     name and shape of each weight, in their order
     * @param trainable whether gradients are allocated; without them, half of the memory is enough
     */
    public Parameters(Workspace workspace, List<Spec> specs, boolean trainable) {
        this(workspace, specs, trainable, workspace.type());
    }

    /**
     * Read-only weights whose matrices are stored as {@code matrixType}, with fewer bytes per element.
     *
     * @param workspace  workspace that the tensors of the weights belong to
     * @param specs      name and shape of each weight, in their order
     * @param matrixType type in which matrices are stored
     */
    public static Parameters frozen(Workspace workspace, List<Spec> specs, DType matrixType) {
        return new Parameters(workspace, specs, false, matrixType);
    }

    private Parameters(Workspace workspace, List<Spec> specs, boolean trainable, DType matrixType) {
        this.workspace = workspace;
        this.specs = List.copyOf(specs);
        this.matrixType = matrixType;
        this.arena = new TensorArena(workspace.type(), workspace.backend().memory());
        long total = specs.stream().mapToLong(this::size).sum();
        this.weights = arena.zeros(total);
        this.grads = arena.zeros(trainable ? total : 0);
        this.rowGradientsStart = arena.mark();
        long offset = 0;
        for (Spec spec : specs) {
            Buffer data = spec.slice(weights, offset, matrixType);
            tensors.put(
                    spec.name(),
                    trainable
                            ? Tensor.parameter(
                                    workspace,
                                    spec.shape(),
                                    spec.kind().layout(),
                                    data,
                                    spec.slice(grads, offset, matrixType))
                            : Tensor.constant(
                                    workspace, spec.shape(), spec.kind().layout(), data));
            offset += size(spec);
        }
    }

    private long size(Spec spec) {
        return spec.size(workspace.type(), matrixType);
    }

    /** Specifications of the weights, in their order in memory. */
    public List<Spec> specs() {
        return specs;
    }

    /**
     * The weight of a name.
     *
     * @param name name in checkpoints
     */
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

    /**
     * Gradients of the rows of table {@code name}, which {@link #mergeRows()} adds to the gradient of the table.
     *
     * @param name name of the table
     */
    public RowGradients rowGradients(String name) {
        var gradients = new RowGradients(get(name), arena);
        rowGradients.add(gradients);
        return gradients;
    }

    /** Adds the gradients of rows to those of their tables: once per mini-batch, after its last backward pass. */
    public void mergeRows() {
        rowGradients.forEach(RowGradients::merge);
        arena.release(rowGradientsStart);
    }

    /** Starts the gradients of a mini-batch: the next backward pass overwrites the old ones. */
    public void beginGrads() {
        tensors.values().forEach(tensor -> tensor.gradient().begin());
        rowGradients.forEach(RowGradients::drop);
        arena.release(rowGradientsStart);
    }

    /** Copies all gradients, so that others can be computed meanwhile. */
    public Kept keepGrads() {
        return new Kept(workspace, gradients());
    }

    /**
     * Adds kept gradients to the present ones: {@code g = kept + g}, number by number.
     *
     * @param kept gradients that {@link #keepGrads()} returned
     */
    public void addGrads(Kept kept) {
        workspace.backend().addTo(kept.buffer, gradients());
    }

    /** Global norm: square root of the sum of squares of all gradients. */
    public double gradNorm() {
        return Math.sqrt(workspace.backend().sumOfSquares(gradients()));
    }

    /**
     * Views of a buffer by weight name; its elements are in the order of {@link #weights()}, as the moments of the
     * optimizer are.
     */
    Map<String, Tensor> named(Buffer buffer) {
        var named = new LinkedHashMap<String, Tensor>();
        long offset = 0;
        for (Spec spec : specs) {
            Buffer part = spec.slice(buffer, offset, matrixType);
            named.put(
                    spec.name(),
                    Tensor.constant(workspace, spec.shape(), spec.kind().layout(), part));
            offset += size(spec);
        }
        return named;
    }

    /** Name of the first weight whose gradient contains a NaN or infinity. */
    public String firstNotFinite() {
        return tensors.entrySet().stream()
                .filter(weight -> !Double.isFinite(
                        workspace.backend().sumOfSquares(weight.getValue().grad())))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("no single weight");
    }

    /** All weights, one after another, padding of panels included. */
    public Buffer weights() {
        return weights;
    }

    /** Gradients of all weights, one after another; zero where nothing was added since {@link #beginGrads()}. */
    public Buffer gradients() {
        tensors.values().stream().filter(Tensor::needsGrad).forEach(Tensor::grad);
        return grads;
    }

    Workspace workspace() {
        return workspace;
    }

    /** Number of weights, without the padding of panels. */
    public long count() {
        return tensors.values().stream()
                .mapToLong(tensor -> tensor.shape().size())
                .sum();
    }

    @Override
    public void close() {
        arena.close();
    }
    /** Copy of the gradients of all weights, which {@link #keepGrads()} makes and whose memory it owns. */
    public static final class Kept implements AutoCloseable {

        private final TensorArena arena;
        private final Buffer buffer;

        private Kept(Workspace workspace, Buffer gradients) {
            arena = new TensorArena(workspace.type(), workspace.backend().memory());
            buffer = arena.allocate(gradients.length());
            buffer.copyFrom(gradients);
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
