package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** Parameters in memory that gives no block for all of them. */
class ParametersPartsTest {

    private static final List<Parameters.Spec> SPECS = IntStream.range(0, 5)
            .mapToObj(i -> new Parameters.Spec("w" + i, new Shape(20 + 10 * i, 1), Parameters.Kind.SCALE))
            .toList();

    /** Host memory whose blocks are small. */
    private static Backend divided() {
        var memory = new Memory() {
            @Override
            public Arena open(Role role) {
                return Memory.HOST.open(role);
            }

            @Override
            public long largestBlock(Role role) {
                return 400;
            }
        };
        var backend = new ScalarBackend();
        return (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (_, method, arguments) ->
                        method.getName().equals("memory") ? memory : method.invoke(backend, arguments));
    }

    @Test
    void updatesAreThoseOfParametersInOnePart() {
        try (var whole = new Workspace(new ScalarBackend(), DType.F32);
                var divided = new Workspace(divided(), DType.F32);
                var expected = new Parameters(whole, SPECS, true);
                var actual = new Parameters(divided, SPECS, true)) {
            assertThat(actual.weightParts()).hasSizeGreaterThan(2);
            assertThat(update(actual)).isCloseTo(update(expected), within(1e-6));

            expected.tensors().forEach((name, weight) -> {
                for (int i = 0; i < weight.rows(); i++) {
                    assertThat(actual.get(name).get(i)).as(name).isEqualTo(weight.get(i));
                }
            });
            assertThatThrownBy(actual::weights).hasMessageContaining("parts");
        }
    }

    private static double update(Parameters parameters) {
        parameters.tensors().values().forEach(weight -> {
            for (int i = 0; i < weight.rows(); i++) {
                weight.data().set(i, 0.1 * i);
                weight.grad().set(i, 0.01 * i - 0.2);
            }
        });
        try (var kept = parameters.keepGrads();
                var optimizer = new Optimizer(parameters, AdamW.withDecay(0.01), 1e9)) {
            parameters.addGrads(kept);
            double norm = optimizer.step(0.1);
            assertThat(optimizer.means()).hasSize(SPECS.size());
            return norm;
        }
    }
}
