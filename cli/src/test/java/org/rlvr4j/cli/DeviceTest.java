package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlvr4j.cli.option.DeviceConverter;
import org.rlvr4j.run.Device;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.DeviceProvider.Precision;
import picocli.CommandLine.TypeConversionException;

class DeviceTest {

    private final DeviceConverter reader = new DeviceConverter();

    @Test
    void deviceIsAKindAndItsPlaceInTheList() {
        assertThat(reader.convert("cpu")).isEqualTo(Device.cpu());
        assertThat(reader.convert("tornado")).isEqualTo(new Device("tornado", 0));
        assertThat(reader.convert("tornado:12")).isEqualTo(new Device("tornado", 12));
        assertThat(reader.convert("tornado:1:tf32")).isEqualTo(new Device("tornado", 1, Precision.TF32));
        assertThat(reader.convert("tornado:bf16")).isEqualTo(new Device("tornado", 0, Precision.BF16));
        assertThat(reader.convert("tornado:exact")).isEqualTo(new Device("tornado", 0));
    }

    @Test
    void placeThatIsNotANumberIsRefused() {
        assertThatThrownBy(() -> reader.convert("tornado:first"))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("not tornado:first");
    }

    @Test
    void precisionThatThereIsNotIsRefused() {
        assertThatThrownBy(() -> reader.convert("tornado:1:fp8"))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("(exact, tf32 or bf16)")
                .hasMessageContaining("not tornado:1:fp8");
        assertThatThrownBy(() -> reader.convert("cpu:tf32"))
                .isInstanceOf(TypeConversionException.class)
                .hasMessage("the processor computes exactly: tf32 is for NVIDIA's devices, not cpu:tf32");
    }

    @Test
    void deviceThatIsNotThereIsRefusedRatherThanReplaced() {
        assertThatThrownBy(() -> new Device("abacus", 0).open(1, DevicePlan.none(), DeviceTest::unexpected))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no device abacus");
    }

    @Test
    void cpuNeedsNoProvider() {
        try (Backend backend = Device.cpu().open(1, DevicePlan.none(), DeviceTest::unexpected)) {
            assertThat(backend.traffic()).isEmpty();
        }
    }

    private static void unexpected(String warning) {
        throw new AssertionError(warning);
    }

    @Test
    void listSaysWhatEachIsOrWhyItCannotBeUsed() {
        assertThat(Device.all()).map(List::getFirst).contains("cpu").anyMatch(name -> name.startsWith("tornado"));
    }
}
