package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.rlvr4j.tensor.scalar.ScalarBackend;

class WorkspaceTest {

    @Test
    void scopeRecordsNothingAndLeavesWhatWasMadeBeforeIt() {
        try (var workspace = new Workspace(new ScalarBackend(), DType.F64)) {
            Tensor x = Tensor.parameter(
                    workspace, new Shape(2, 1), workspace.column(2, 3).data());
            Tensor square = x.times(x);

            double cube = workspace.scoped(() -> {
                Tensor inside = square.times(x);
                assertThat(inside.op()).isEmpty();
                return inside.get(1);
            });
            Tensor later = workspace.column(7, 7); // lies where the scope's tensors were
            Autograd.backward(square.sum());

            assertThat(cube).isEqualTo(27);
            assertThat(square.get(0)).isEqualTo(4);
            assertThat(x.grad().get(1)).isEqualTo(6);
            assertThat(later.get(0)).isEqualTo(7);
        }
    }
}
