package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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

    private Tensor parameter(double... values) {
        Tensor constant = workspace.column(values);
        return Tensor.parameter(workspace, constant.shape(), constant.data(), workspace.zeros(values.length));
    }
}
