package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParametersTest {

    private final Workspace workspace = new Workspace(new ScalarBackend(), DType.F64);
    private final Parameters parameters = new Parameters(
            workspace,
            List.of(
                    new Parameters.Spec("table", new Shape(33, 2), true),
                    new Parameters.Spec("bias", new Shape(5, 1), false)),
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
    void aliasSharesNumbersAndKeepsItsGradientUntilMerged() {
        Tensor alias = parameters.alias("table");
        alias.data().set(1, 4);
        alias.grad().set(1, 2);
        parameters.get("table").grad().set(1, 3);

        assertThat(parameters.get("table").get(1)).isEqualTo(4);
        assertThat(parameters.gradNorm()).isEqualTo(3);
        parameters.mergeAliases();
        parameters.mergeAliases(); // has nothing left to add

        assertThat(parameters.gradNorm()).isEqualTo(5);
        parameters.zeroGrads();
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
        try (var frozen = new Parameters(workspace, List.of(new Parameters.Spec("w", new Shape(2, 2), true)), false)) {
            assertThat(frozen.get("w").needsGrad()).isFalse();
            assertThat(frozen.alias("w")).isSameAs(frozen.get("w"));
        }
    }
}
