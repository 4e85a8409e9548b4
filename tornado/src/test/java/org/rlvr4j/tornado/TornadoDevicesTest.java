package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.DeviceProvider;

class TornadoDevicesTest {

    @Test
    void providerIsFoundAndNamesItsDevices() {
        assertThat(ServiceLoader.load(DeviceProvider.class)).singleElement().satisfies(provider -> {
            assertThat(provider.name()).isEqualTo("tornado");
            assertThat(provider.obstacle()).isEmpty();
            assertThat(provider.devices()).contains(TestDevice.NAME);
        });
    }

    @Test
    void devicesAreRefusedWithoutTheOptionsOfTornadoVm() {
        assertThat(TornadoDevices.obstacle(_ -> null))
                .hasValueSatisfying(obstacle -> assertThat(obstacle).contains("without TornadoVM's options"));
    }

    @ParameterizedTest
    @CsvSource({
        "tornado.recover.bailout, true, false",
        "tornado.enable.fma, false, true",
        "tornado.enable.mathOptimizations, true, false",
        "tornado.cuda.host.pinning, true, false",
        "tornado.tvm.maxbytecodesize, 4096, 32768"
    })
    void devicesAreRefusedWhereKernelsWouldRunOtherwise(String property, String wrong, String right) {
        for (String value : new String[] {null, wrong, "no"}) {
            assertThat(TornadoDevices.obstacle(name -> name.equals(property) ? value : System.getProperty(name)))
                    .hasValueSatisfying(
                            obstacle -> assertThat(obstacle).endsWith("-D" + property + "=" + right + " is needed"));
        }
        assertThat(TornadoDevices.obstacle(System::getProperty)).isEmpty();
    }

    @Test
    void deviceWithoutDoublePrecisionIsRefusedByName() {
        TornadoDevices.requireDoublePrecision("this one", true);
        assertThatThrownBy(() -> TornadoDevices.requireDoublePrecision("this one", false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("this one has no double precision");
    }

    @Test
    void deviceThatDoesNotExistIsRefusedWithTheListOfThoseThatDo() {
        assertThatThrownBy(() -> new TornadoDevices().open(77, DevicePlan.none()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tornado:77")
                .hasMessageContaining(TestDevice.NAME);
    }

    @Test
    void memoryIsCheckedBeforeWork() {
        assertThatThrownBy(() -> new TornadoDevices().open(0, DevicePlan.ofEach(900_000_000_000L)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("activations 900.0")
                .hasMessageContaining("smaller");
    }
}
