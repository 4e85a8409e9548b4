package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.TensorArena;

/** Launches that fail although TornadoVM throws nothing. */
class FailedLaunchTest {

    private final TornadoBackend backend = TestDevice.backend();
    private final DeviceMemory memory = backend.deviceMemory();

    @AfterEach
    void catchUp() {
        memory.program().withhold(null);
        memory.requireRuns();
    }

    @Test
    void kernelThatDoesNotRunIsNamedWhenTheNextNumbersComeToTheHost() {
        for (Kernel kernel : memory.program().usable()) {
            memory.program().withhold(kernel);
            memory.program().tryOut(kernel);

            assertThatThrownBy(memory::requireRuns)
                    .as(kernel.source())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("kernel " + kernel.source() + " of org.rlvr4j.tornado did not run on ");
            catchUp();
        }
    }

    @Test
    void singleLaunchThatFailsAmongOthersIsNoticed() {
        try (var arena = new TensorArena(DType.F32, backend.memory())) {
            Buffer x = arena.zeros(100);
            Buffer y = arena.zeros(100);
            backend.add(x, x, y);

            memory.program().withhold(add());
            backend.add(x, x, y);
            backend.scale(y, 2);
            assertThatThrownBy(() -> y.get(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("TornadoElements.kAdd");
        }
    }

    private static Kernel add() {
        return TornadoBackend.kernels().stream()
                .filter(kernel -> kernel.name().equals("kAdd"))
                .findFirst()
                .orElseThrow();
    }
}
