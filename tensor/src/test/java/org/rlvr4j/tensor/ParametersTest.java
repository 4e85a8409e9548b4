package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rlvr4j.tensor.scalar.ScalarBackend;

class ParametersTest {

    private final Workspace workspace = new Workspace(new ScalarBackend(), DType.F64);
    private final Parameters parameters = new Parameters(
            workspace,
            List.of(
                    new Parameters.Spec("table", new Shape(33, 2), Parameters.Kind.MATRIX),
                    new Parameters.Spec("bias", new Shape(5, 1), Parameters.Kind.BIAS)),
            true);

    @AfterEach
    void close() {
        parameters.close();
        workspace.close();
    }

    @Test
    void weightsAreCountedWithoutTheFillingOfPanels() {
        assertThat(parameters.count()).isEqualTo(33 * 2 + 5);
        assertThat(parameters.get("table").data().length()).isEqualTo(64 * 2);
        assertThat(parameters.weights().length()).isEqualTo(64 * 2 + 16);
    }

    @Test
    void unknownNameIsSaid() {
        assertThatThrownBy(() -> parameters.get("tabel")).hasMessage("the model has no weight tabel");
    }

    @Test
    void gradientsOfRowsWaitUntilTheyAreMerged() {
        RowGradients rows = parameters.rowGradients("table");
        Tensor table = parameters.get("table");
        Autograd.backward(Embedding.forward(table, new int[] {32, 0}, rows).sum());
        Autograd.backward(Embedding.forward(table, new int[] {32}, rows).sum());
        table.grad().set(Panels.index(32, 1, 2), 1);

        assertThat(parameters.gradNorm()).isEqualTo(1);
        parameters.mergeRows();
        parameters.mergeRows(); // has nothing left to add

        assertThat(table.grad().get(Panels.index(0, 1, 2))).isEqualTo(1);
        assertThat(table.grad().get(Panels.index(32, 0, 2))).isEqualTo(2);
        assertThat(table.grad().get(Panels.index(32, 1, 2))).isEqualTo(3);
        parameters.beginGrads();
        assertThat(parameters.gradNorm()).isZero();
    }

    @Test
    void gradientsOfRowsThatWereNotMergedAreDroppedWithTheOthers() {
        RowGradients rows = parameters.rowGradients("table");
        Autograd.backward(
                Embedding.forward(parameters.get("table"), new int[] {1}, rows).sum());

        parameters.beginGrads();
        parameters.mergeRows();

        assertThat(parameters.gradNorm()).isZero();
    }

    @Test
    void optimizerLeavesEverythingAloneWhereAGradientIsNotFinite() {
        try (var optimizer = new Optimizer(parameters, AdamW.withDecay(0.1), 1)) {
            parameters.get("table").data().set(0, 6);
            parameters.get("bias").grad().set(4, Double.POSITIVE_INFINITY);

            assertThat(optimizer.step(0.1)).isInfinite();

            assertThat(optimizer.steps()).isZero();
            assertThat(parameters.get("table").get(0)).isEqualTo(6);
            assertThat(parameters.firstNotFinite()).isEqualTo("bias");
        }
    }

    @Test
    void frozenParametersTakeNoGradients() {
        try (var frozen = new Parameters(
                workspace, List.of(new Parameters.Spec("w", new Shape(2, 2), Parameters.Kind.MATRIX)), false)) {
            assertThat(frozen.get("w").needsGrad()).isFalse();
        }
    }
}
