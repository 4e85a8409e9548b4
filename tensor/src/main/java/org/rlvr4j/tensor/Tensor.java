package org.rlvr4j.tensor;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A matrix of numbers, its gradient, and the operation that made it.
 *
 * <p>Activations are row by row; weights of linear layers are in {@link Panels}. The elementwise operations are methods
 * here, so that an objective reads like its formula; the operations of a transformer are the other {@link Op}s.
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

    /** Numbers, row after row, that no gradient flows into. */
    public static Tensor constant(Workspace workspace, Shape shape, Buffer data) {
        return constant(workspace, shape, Layout.ROWS, data);
    }

    /** Numbers in the given layout that no gradient flows into. */
    public static Tensor constant(Workspace workspace, Shape shape, Layout layout, Buffer data) {
        return new Tensor(shape, layout, data, null, workspace, Grad.none(workspace, shape));
    }

    /** Numbers to be learned, row after row, whose gradient is kept in the workspace. */
    public static Tensor parameter(Workspace workspace, Shape shape, Buffer data) {
        return new Tensor(shape, Layout.ROWS, data, null, workspace, Grad.empty(workspace, shape));
    }

    /**
     * Numbers to be learned.
     *
     * @param layout of the numbers and of their gradient
     * @param grad   sum of gradients so far, which backward passes add to
     */
    public static Tensor parameter(Workspace workspace, Shape shape, Layout layout, Buffer data, Buffer grad) {
        return new Tensor(shape, layout, data, null, workspace, Grad.sum(workspace, shape, grad));
    }

    /** Result of an operation, which is kept if a gradient may have to flow back through it or beside it. */
    static Tensor of(Op op, Shape shape, Buffer data) {
        Workspace workspace = op.inputs().getFirst().workspace;
        boolean recorded = NoGrad.isRecording();
        boolean needsGrad = recorded && op.inputs().stream().anyMatch(Tensor::needsGrad);
        Grad gradient = needsGrad ? Grad.empty(workspace, shape) : Grad.none(workspace, shape);
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

    /** Place of element (row, col) in {@link #data()}. */
    public long index(int row, int col) {
        return layout.index(row, col, shape.cols(), data().type());
    }

    /**
     * The numbers; those of a forgotten result are computed again.
     *
     * @throws IllegalStateException if they were forgotten and cannot be
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
     * Lets the memory of a result serve the next one as long, once the forward pass has read it for the last time. The
     * backward pass computes the numbers again if it needs them, so only what is cheap to compute, or not needed, should be
     * forgotten.
     */
    public void forget() {
        if (data != null) {
            workspace.recycle(data);
            data = null;
            forgotten = true;
        }
    }

    /** The operation that made this tensor, if a gradient may flow back through it. */
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
     * @throws IllegalStateException if this is a constant, or an intermediate result through which it has flowed
     */
    public Buffer grad() {
        return gradient.next().sum();
    }

    /** The gradient, for the operations that add to it. */
    Grad gradient() {
        return gradient;
    }

    /** Lets the gradient flow on into the inputs of the operation that made this tensor. */
    void passGradOn() {
        if (op != null) {
            op.backward(this);
            gradient.passedOn();
            if (forgotten) {
                forget();
            }
        }
    }

    /** Element i of a column or row. */
    public double get(long i) {
        return data().get(i);
    }

    /** The same numbers as a constant: the papers' stop-gradient. */
    public Tensor detach() {
        return constant(workspace, shape, layout, data());
    }

    public Tensor plus(Tensor other) {
        return Elementwise.forward(new Elementwise.Plus(this, other));
    }

    public Tensor plus(double value) {
        return Elementwise.forward(new Elementwise.Affine(this, 1, value));
    }

    public Tensor minus(Tensor other) {
        return plus(other.negate());
    }

    public Tensor minus(double value) {
        return plus(-value);
    }

    public Tensor times(Tensor other) {
        return Elementwise.forward(new Elementwise.Times(this, other));
    }

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

    /** The smaller of two; where they are equal the gradient goes to this tensor. */
    public Tensor min(Tensor other) {
        return Elementwise.forward(new Elementwise.Min(this, other));
    }

    /** The larger of two; where they are equal the gradient goes to this tensor. */
    public Tensor max(Tensor other) {
        return Elementwise.forward(new Elementwise.Max(this, other));
    }

    /** Limited to an interval of its own for each element; no gradient flows where the limit acts. */
    public Tensor clamp(Tensor low, Tensor high) {
        return Elementwise.forward(new Elementwise.Clamp(this, low, high));
    }

    /** Limited to one interval; no gradient flows where the limit acts. */
    public Tensor clamp(double low, double high) {
        return clamp(filled(low), filled(high));
    }

    /** Each sequence's mean, given to each of its rows. This tensor is a column. */
    public Tensor segmentMean(Segments segments) {
        return SegmentMean.forward(this, segments);
    }

    /** The sum of all elements, as one number. */
    public Tensor sum() {
        return Sum.forward(this);
    }

    /** One column of a matrix. */
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
