package org.rlvr4j.tensor;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Weights of a model by name, one after another; their gradients and the moments of the optimizer use the same order.
 *
 * <p>They are one block of memory, or several parts where the memory gives no such block; each part holds whole weights.
 */
public final class Parameters implements AutoCloseable {

    private static final int ALIGNMENT = 16; // elements: a cache line of single precision
    private static final Set<Role> FROZEN = Set.of(Role.WEIGHTS);
    private static final Set<Role> TRAINED = Set.of(Role.WEIGHTS, Role.GRADIENTS, Role.MEANS, Role.SQUARES);

    private final Workspace workspace;
    private final List<Spec> specs;
    private final DType matrixType;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final List<RowGradients> rowGradients = new ArrayList<>();
    private final TensorArena arena;
    private final TensorArena gradsArena;
    private final TensorArena.Mark rowGradientsStart;
    private final List<Integer> firsts = new ArrayList<>(); // of each part, the index of its first weight
    private final List<Buffer> weights = new ArrayList<>(); // a buffer for each part
    private final List<Buffer> grads = new ArrayList<>();

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
        Memory memory = workspace.backend().memory();
        this.arena = new TensorArena(workspace.type(), memory, Role.WEIGHTS);
        this.gradsArena = new TensorArena(workspace.type(), memory, Role.GRADIENTS);
        for (long size : partSizes(trainable ? TRAINED : FROZEN)) {
            weights.add(arena.zeros(size));
            if (trainable) {
                grads.add(gradsArena.zeros(size));
            }
        }
        this.rowGradientsStart = gradsArena.mark();
        List<Buffer> data = slices(weights);
        List<Buffer> sums = trainable ? slices(grads) : List.of();
        for (int i = 0; i < specs.size(); i++) {
            Spec spec = specs.get(i);
            Layout layout = spec.kind().layout();
            tensors.put(
                    spec.name(),
                    trainable
                            ? Tensor.parameter(workspace, spec.shape(), layout, data.get(i), sums.get(i))
                            : Tensor.constant(workspace, spec.shape(), layout, data.get(i)));
        }
    }

    /** Divides the weights into parts that the memory of all these roles can hold; returns their numbers of elements. */
    private List<Long> partSizes(Set<Role> roles) {
        Memory memory = workspace.backend().memory();
        long bytes = roles.stream().mapToLong(memory::largestBlock).min().orElseThrow();
        long limit = bytes / workspace.type().bytes();
        var sizes = new ArrayList<Long>();
        long size = 0;
        for (int i = 0; i < specs.size(); i++) {
            if (i == 0 || size + size(specs.get(i)) > limit) {
                firsts.add(i);
                sizes.add(0L);
                size = 0;
            }
            size += size(specs.get(i));
            sizes.set(sizes.size() - 1, size);
        }
        return sizes;
    }

    /** Slice of each weight, of buffers for each part. */
    private List<Buffer> slices(List<Buffer> parts) {
        var slices = new ArrayList<Buffer>();
        for (int part = 0; part < parts.size(); part++) {
            int end = part + 1 < parts.size() ? firsts.get(part + 1) : specs.size();
            long offset = 0;
            for (int i = firsts.get(part); i < end; i++) {
                slices.add(specs.get(i).slice(parts.get(part), offset, matrixType));
                offset += size(specs.get(i));
            }
        }
        return slices;
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
        var gradients = new RowGradients(get(name), gradsArena);
        rowGradients.add(gradients);
        return gradients;
    }

    /** Adds the gradients of rows to those of their tables: once per mini-batch, after its last backward pass. */
    public void mergeRows() {
        rowGradients.forEach(RowGradients::merge);
        gradsArena.release(rowGradientsStart);
    }

    /** Starts the gradients of a mini-batch: the next backward pass overwrites the old ones. */
    public void beginGrads() {
        tensors.values().forEach(tensor -> tensor.gradient().begin());
        rowGradients.forEach(RowGradients::drop);
        gradsArena.release(rowGradientsStart);
    }

    /** Copies all gradients, so that others can be computed meanwhile. */
    public Kept keepGrads() {
        return new Kept(workspace, gradientParts());
    }

    /**
     * Adds kept gradients to the present ones: {@code g = kept + g}, number by number.
     *
     * @param kept gradients that {@link #keepGrads()} returned
     */
    public void addGrads(Kept kept) {
        List<Buffer> gradients = gradientParts();
        for (int i = 0; i < gradients.size(); i++) {
            workspace.backend().addTo(kept.buffers.get(i), gradients.get(i));
        }
    }

    /** Global norm: square root of the sum of squares of all gradients. */
    public double gradNorm() {
        return Math.sqrt(gradientParts().stream()
                .mapToDouble(workspace.backend()::sumOfSquares)
                .sum());
    }

    /**
     * Views of buffers by weight name; their elements are in the order of {@link #weightParts()}, as the moments of the
     * optimizer are.
     */
    Map<String, Tensor> named(List<Buffer> parts) {
        var named = new LinkedHashMap<String, Tensor>();
        List<Buffer> slices = slices(parts);
        for (int i = 0; i < slices.size(); i++) {
            Spec spec = specs.get(i);
            named.put(
                    spec.name(),
                    Tensor.constant(workspace, spec.shape(), spec.kind().layout(), slices.get(i)));
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

    /**
     * All weights, one after another, padding of panels included.
     *
     * @throws IllegalStateException if they are in several parts
     */
    public Buffer weights() {
        return only(weightParts());
    }

    /**
     * Gradients of all weights, one after another; zero where nothing was added since {@link #beginGrads()}.
     *
     * @throws IllegalStateException if they are in several parts
     */
    public Buffer gradients() {
        return only(gradientParts());
    }

    private static Buffer only(List<Buffer> parts) {
        if (parts.size() != 1) {
            throw new IllegalStateException("the weights lie in " + parts.size() + " parts");
        }
        return parts.getFirst();
    }

    /** All weights, a buffer for each part. */
    List<Buffer> weightParts() {
        return weights;
    }

    /** Gradients of all weights, a buffer for each part; zero where nothing was added since {@link #beginGrads()}. */
    List<Buffer> gradientParts() {
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
        gradsArena.close();
    }

    /** Copy of the gradients of all weights, which {@link #keepGrads()} makes and whose memory it owns. */
    public static final class Kept implements AutoCloseable {

        private final TensorArena arena;
        private final List<Buffer> buffers = new ArrayList<>(); // a buffer for each part of the parameters

        private Kept(Workspace workspace, List<Buffer> gradients) {
            arena = new TensorArena(workspace.type(), workspace.backend().memory(), Role.GRADIENTS);
            for (Buffer part : gradients) {
                Buffer copy = arena.allocate(part.length());
                copy.copyFrom(part);
                buffers.add(copy);
            }
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
