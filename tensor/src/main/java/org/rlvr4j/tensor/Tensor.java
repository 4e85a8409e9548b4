package org.rlvr4j.tensor;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Matrix of numbers with its gradient and the operation that produced it.
 *
 * <p>Activations are stored row by row, weights of linear layers in {@link Panels}. The elementwise operations are
 * methods of this class, so that an objective reads like its formula; the operations of a transformer are the other
 * {@link Op}s.
 */
public final class Tensor {

    private final Workspace workspace;
    private final Shape shape;
    private final Layout layout;
    private final @Nullable Op op;
    private final Grad gradient;
    private @Nullable Buffer data;
    private boolean forgotten;

    private Tensor(Shape shape, Layout layout, Buffer data, @Nullable Op op, Workspace workspace, Grad gradient) {
        this.workspace = workspace;
        this.shape = shape;
        this.layout = layout;
        this.data = data;
        this.op = op;
        this.gradient = gradient;
    }

    /**
     * Constant, stored row by row: no gradient flows into it.
     *
     * @param workspace memory of the tensor
     * @param shape     rows and columns
     * @param data      the elements, not copied
     */
    public static Tensor constant(Workspace workspace, Shape shape, Buffer data) {
        return constant(workspace, shape, Layout.ROWS, data);
    }

    /**
     * Constant in the given layout: no gradient flows into it.
     *
     * @param workspace memory of the tensor
     * @param shape     rows and columns
     * @param layout    order of the elements in {@code data}
     * @param data      the elements, not copied
     */
    public static Tensor constant(Workspace workspace, Shape shape, Layout layout, Buffer data) {
        return new Tensor(shape, layout, data, null, workspace, Grad.none(workspace, shape));
    }

    /**
     * Parameter, stored row by row; its gradient is allocated in the workspace.
     *
     * @param workspace memory of the tensor
     * @param shape     rows and columns
     * @param data      the elements, not copied
     */
    public static Tensor parameter(Workspace workspace, Shape shape, Buffer data) {
        return parameter(workspace, shape, Layout.ROWS, data);
    }

    /**
     * Parameter in the given layout; its gradient is allocated in the workspace.
     *
     * @param workspace memory of the tensor
     * @param shape     rows and columns
     * @param layout    order of the elements in {@code data}
     * @param data      the elements, not copied
     */
    public static Tensor parameter(Workspace workspace, Shape shape, Layout layout, Buffer data) {
        return new Tensor(shape, layout, data, null, workspace, Grad.empty(workspace, shape, layout));
    }

    /**
     * Parameter whose gradient continues a given sum.
     *
     * @param workspace memory of the tensor
     * @param shape     rows and columns
     * @param layout    order of the elements in {@code data} and in {@code grad}
     * @param data      the elements, not copied
     * @param grad      gradient summed so far; backward passes add to it
     */
    public static Tensor parameter(Workspace workspace, Shape shape, Layout layout, Buffer data, Buffer grad) {
        return new Tensor(shape, layout, data, null, workspace, Grad.sum(workspace, shape, layout, grad));
    }

    /**
     * Result of an operation. While operations are recorded it refers to the operation, for the backward pass and for
     * computing forgotten numbers again.
     */
    static Tensor of(Op op, Shape shape, Buffer data) {
        Workspace workspace = op.inputs().getFirst().workspace;
        boolean recorded = NoGrad.isRecording();
        boolean needsGrad = recorded && op.inputs().stream().anyMatch(Tensor::needsGrad);
        Grad gradient = needsGrad ? Grad.empty(workspace, shape, Layout.ROWS) : Grad.none(workspace, shape);
        return new Tensor(shape, Layout.ROWS, data, recorded ? op : null, workspace, gradient);
    }

    public Workspace workspace() {
        return workspace;
    }

    public Shape shape() {
        return shape;
    }

    public int rows() {
        return shape.rows();
    }

    public int cols() {
        return shape.cols();
    }

    /** Order of the elements in {@link #data()}. */
    public Layout layout() {
        return layout;
    }

    /**
     * Returns this weight or table if it is stored in panels; kernels would misread any other layout, so it is refused.
     */
    Tensor inPanels() {
        if (layout != Layout.PANELS) {
            throw new IllegalArgumentException("a weight of shape " + shape + " lies in " + layout + ", not in panels");
        }
        return this;
    }

    /**
     * Index of element (row, col) in {@link #data()}.
     *
     * @param row row, from 0
     * @param col column, from 0
     */
    public long index(int row, int col) {
        return layout.index(row, col, shape.cols(), data().type());
    }

    /**
     * The numbers; those of a forgotten result are computed again.
     *
     * @throws IllegalStateException if they were forgotten and cannot be computed again
     */
    public Buffer data() {
        if (data == null) {
            if (op == null) {
                throw new IllegalStateException("the numbers of a result of shape " + shape + " were forgotten");
            }
            data = op.compute();
        }
        return data;
    }

    /**
     * Gives the memory of a result back for reuse, once the forward pass has read it for the last time. The backward
     * pass computes the numbers again if it needs them, so forget only what is cheap to compute or not needed again.
     */
    public void forget() {
        if (data != null) {
            workspace.recycle(data);
            data = null;
            forgotten = true;
        }
    }

    /** The operation that produced this tensor, if a gradient may flow back through it. */
    public Optional<Op> op() {
        return needsGrad() ? Optional.ofNullable(op) : Optional.empty();
    }

    /** Whether gradients flow into this tensor. */
    public boolean needsGrad() {
        return gradient.isNeeded();
    }

    /**
     * d(loss)/d(this), zero until something is added to it.
     *
     * @throws IllegalStateException if this is a constant, or an intermediate result whose gradient was passed on to
     *     its inputs
     */
    public Buffer grad() {
        return gradient.next().sum();
    }

    /** Gradient of this tensor, for the operations that add to it. */
    Grad gradient() {
        return gradient;
    }

    /** Passes the gradient on to the inputs of the operation that produced this tensor. */
    void passGradOn() {
        if (op != null) {
            op.backward(this);
            gradient.markPassedOn();
            if (forgotten) {
                forget();
            }
        }
    }

    /**
     * Element i of a column or row.
     *
     * @param i index, from 0
     */
    public double get(long i) {
        return data().get(i);
    }

    /** Constant with the numbers of this tensor: the stop-gradient of the papers. */
    public Tensor detach() {
        return constant(workspace, shape, layout, data());
    }

    /**
     * Elementwise sum.
     *
     * @param other tensor of the same shape
     */
    public Tensor plus(Tensor other) {
        return Elementwise.forward(new Elementwise.Plus(this, other));
    }

    /**
     * Sum with a number.
     *
     * @param value number to add to each element
     */
    public Tensor plus(double value) {
        return Elementwise.forward(new Elementwise.Affine(this, 1, value));
    }

    /**
     * Elementwise difference.
     *
     * @param other tensor of the same shape
     */
    public Tensor minus(Tensor other) {
        return plus(other.negate());
    }

    /**
     * Difference from a number.
     *
     * @param value number to subtract from each element
     */
    public Tensor minus(double value) {
        return plus(-value);
    }

    /**
     * Elementwise product.
     *
     * @param other tensor of the same shape
     */
    public Tensor times(Tensor other) {
        return Elementwise.forward(new Elementwise.Times(this, other));
    }

    /**
     * Product with a number.
     *
     * @param factor factor of each element
     */
    public Tensor times(double factor) {
        return Elementwise.forward(new Elementwise.Affine(this, factor, 0));
    }

    public Tensor negate() {
        return times(-1);
    }

    public Tensor exp() {
        return Elementwise.forward(new Elementwise.Exp(this));
    }

    public Tensor abs() {
        return Elementwise.forward(new Elementwise.Abs(this));
    }

    /** {@code 1 / (1 + exp(-x))} of each element. */
    public Tensor sigmoid() {
        return Elementwise.forward(new Elementwise.Sigmoid(this));
    }

    /**
     * Elementwise minimum; where both are equal the gradient goes to this tensor.
     *
     * @param other tensor of the same shape
     */
    public Tensor min(Tensor other) {
        return Elementwise.forward(new Elementwise.Min(this, other));
    }

    /**
     * Elementwise maximum; where both are equal the gradient goes to this tensor.
     *
     * @param other tensor of the same shape
     */
    public Tensor max(Tensor other) {
        return Elementwise.forward(new Elementwise.Max(this, other));
    }

    /**
     * Clamps each element to its own interval; no gradient flows where a bound applies.
     *
     * @param low  lower bound of each element, of the same shape
     * @param high upper bound of each element, of the same shape
     */
    public Tensor clamp(Tensor low, Tensor high) {
        return Elementwise.forward(new Elementwise.Clamp(this, low, high));
    }

    /**
     * Clamps all elements to one interval; no gradient flows where a bound applies.
     *
     * @param low  lower bound
     * @param high upper bound
     */
    public Tensor clamp(double low, double high) {
        return clamp(filled(low), filled(high));
    }

    /**
     * Mean of each sequence, repeated in each of its rows. This tensor is a column (T, 1).
     *
     * @param segments sequences of the T rows
     */
    public Tensor segmentMean(Segments segments) {
        return SegmentMean.forward(this, segments);
    }

    /** Sum of all elements, (1, 1). */
    public Tensor sum() {
        return Sum.forward(this);
    }

    /**
     * Column {@code index} of a matrix (T, C), as (T, 1).
     *
     * @param index column, from 0
     */
    public Tensor column(int index) {
        return Column.forward(this, index);
    }

    private Tensor filled(double value) {
        Buffer values = workspace.allocate(shape.size());
        for (long i = 0; i < values.length(); i++) {
            values.set(i, value);
        }
        return constant(workspace, shape, values);
    }
}
