package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rlvr4j.tensor.scalar.ScalarBackend;

class AutogradTest {

    private final Workspace workspace = new Workspace(new ScalarBackend(), DType.F64);

    @AfterEach
    void close() {
        workspace.close();
    }

    @Test
    void sharedSubexpressionPassesItsGradientOnOnce() {
        Tensor x = parameter(3);
        Tensor square = x.times(x);

        Autograd.backward(square.times(square).plus(square).sum()); // x^4 + x^2

        assertThat(x.grad().get(0)).isEqualTo(4 * 27 + 2 * 3);
    }

    @Test
    void bothArmsOfADiamondArriveBeforeItsFootGoesOn() {
        Tensor x = parameter(2);
        Tensor foot = x.times(5);
        Tensor left = foot.plus(1);
        Tensor right = left.times(foot); // reaches the foot directly, and over the other arm

        Autograd.backward(right.plus(left).sum()); // (5x + 1) * 5x + 5x + 1

        assertThat(x.grad().get(0)).isEqualTo(50 * 2 + 5 + 5);
    }

    @Test
    void longChainDoesNotOverflowTheStack() {
        Tensor x = parameter(1);
        Tensor sum = x;
        for (int i = 0; i < 20_000; i++) {
            sum = sum.plus(x);
        }

        Autograd.backward(sum.sum());

        assertThat(x.grad().get(0)).isEqualTo(20_001);
    }

    @Test
    void gradientsAddUpOverBackwardPasses() {
        Tensor x = parameter(3);

        Autograd.backward(x.times(2).sum());
        Autograd.backward(x.times(4).sum());

        assertThat(x.grad().get(0)).isEqualTo(6);
    }

    @Test
    void gradientOfAnIntermediateResultIsNotKept() {
        Tensor x = parameter(3, 4);
        Tensor square = x.times(x);
        Tensor loss = square.sum();

        Autograd.backward(loss);

        assertThat(loss.get(0)).isEqualTo(25);
        assertThatThrownBy(square::grad)
                .hasMessage("the gradient of an intermediate result of shape (2, 1) is not kept once it is passed on");
        assertThatThrownBy(() -> Autograd.backward(square.times(2).sum())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anotherResultOfAChainTakesMemoryForItselfAndNoneForItsGradient() {
        long few = peakOfChain(10);
        long many = peakOfChain(30);

        assertThat(many - few).isEqualTo(20 * 64L * Double.BYTES);
    }

    @Test
    void releasedWorkspaceServesAnotherBackwardPass() {
        try (var memory = new Workspace(new ScalarBackend(), DType.F64)) {
            Buffer grad = workspace.column(0).data();
            for (int pass = 1; pass <= 3; pass++) {
                Tensor x = Tensor.parameter(
                        memory, new Shape(1, 1), Layout.ROWS, memory.column(2).data(), grad);
                Tensor square = x.times(x);
                Autograd.backward(
                        square.times(square).plus(square.exp().times(0)).sum()); // x^4

                assertThat(grad.get(0)).isEqualTo(pass * 32);
                memory.release();
            }
        }
    }

    /** Where a kernel puts what nobody wants to know of a constant must not be remembered: the second pass lies there. */
    @Test
    void constantKeepsNoMemoryOverARelease() {
        try (var memory = new Workspace(new ScalarBackend(), DType.F64)) {
            Tensor frozen =
                    Tensor.constant(memory, new Shape(1, 1), workspace.column(3).data());
            for (int size : new int[] {64, 256}) {
                double[] numbers = DoubleStream.generate(() -> 5).limit(size).toArray();
                Tensor kept = memory.column(numbers);
                Tensor x = Tensor.parameter(
                        memory, new Shape(1, 1), memory.column(2).data());
                Autograd.backward(RmsNorm.forward(x, frozen, 0.1).sum());

                for (int i = 0; i < size; i++) {
                    assertThat(kept.get(i)).isEqualTo(5);
                }
                memory.release();
            }
        }
    }

    @Test
    void constantsAndDetachedNumbersTakeNoGradient() {
        Tensor x = parameter(3);
        Tensor constant = workspace.column(7);

        Autograd.backward(x.times(constant).times(x.detach()).sum());

        assertThat(x.grad().get(0)).isEqualTo(21);
        assertThat(constant.needsGrad()).isFalse();
        assertThatThrownBy(constant::grad).hasMessage("a constant of shape (1, 1) has no gradient");
    }

    @Test
    void lossOfConstantsAloneHasNothingToTeach() {
        Tensor loss = workspace.column(1, 2).times(3).sum();

        Autograd.backward(loss);

        assertThat(loss.needsGrad()).isFalse();
        assertThat(loss.op()).isEmpty();
    }

    @Test
    void nothingIsRecordedWhereNoGradientIsWanted() {
        Tensor x = parameter(3);

        Tensor y = NoGrad.call(() -> x.times(2));

        assertThat(y.op()).isEmpty();
        assertThat(y.needsGrad()).isFalse();
        assertThat(x.times(2).op()).isPresent();
    }

    @Test
    void lossIsOneNumber() {
        Tensor x = parameter(1, 2);

        assertThatThrownBy(() -> Autograd.backward(x)).hasMessage("a loss is one number, not of shape (2, 1)");
    }

    private static long peakOfChain(int length) {
        try (var memory = new Workspace(new ScalarBackend(), DType.F64)) {
            Tensor sum = GradientCheck.random(memory, new Shape(64, 1), false, 1);
            for (int i = 0; i < length; i++) {
                sum = sum.plus(sum);
            }
            Autograd.backward(sum.sum());
            return memory.peak();
        }
    }

    private Tensor parameter(double... values) {
        Tensor constant = workspace.column(values);
        return Tensor.parameter(workspace, constant.shape(), constant.data());
    }
}
