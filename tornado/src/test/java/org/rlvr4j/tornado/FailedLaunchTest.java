package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.TensorArena;

/** Launches that fail although TornadoVM throws nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailedLaunchTest {

    /** Of its own: kernels that are tried out change the first numbers of each array. */
    private final TornadoBackend backend = TestDevice.open(DevicePlan.ofEach(1 << 26));

    private final DeviceMemory memory = backend.deviceMemory();

    @AfterEach
    void catchUp() {
        memory.program().withhold(null);
        memory.requireRuns();
    }

    @AfterAll
    void close() {
        backend.close();
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

    @Test
    void launchThatFailsWithinAChainIsNoticed() {
        try (var arena = new TensorArena(DType.F32, backend.memory())) {
            Buffer x = arena.zeros(100);
            Buffer y = arena.zeros(100);
            addAndScale(x, y, 200);
            memory.requireRuns();

            Transfers before = backend.transfers();
            addAndScale(x, y, 5);
            memory.requireRuns();
            assertThat(backend.transfers().since(before).executes())
                    .as("a chain, and what receives the counts")
                    .isEqualTo(2);

            memory.program().withhold(add());
            addAndScale(x, y, 5);
            assertThatThrownBy(() -> y.get(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("TornadoElements.kAdd");
        }
    }

    private void addAndScale(Buffer x, Buffer y, int times) {
        for (int i = 0; i < times; i++) {
            for (int j = 0; j < 7; j++) {
                backend.add(x, x, y);
            }
            backend.scale(y, 2);
        }
    }

    private static Kernel add() {
        return TornadoBackend.kernels().stream()
                .filter(kernel -> kernel.name().equals("kAdd"))
                .findFirst()
                .orElseThrow();
    }
}
