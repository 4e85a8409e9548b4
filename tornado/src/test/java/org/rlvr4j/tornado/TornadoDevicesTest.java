package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
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
        assertThat(TornadoDevices.obstacle(null, "false"))
                .hasValueSatisfying(obstacle -> assertThat(obstacle).contains("without TornadoVM's options"));
    }

    @Test
    void devicesAreRefusedWhereKernelsCouldRunAsPlainJava() {
        for (String bailout : new String[] {null, "true", "no"}) {
            assertThat(TornadoDevices.obstacle("set", bailout)).hasValueSatisfying(obstacle -> assertThat(obstacle)
                    .contains("-Dtornado.recover.bailout=false is needed"));
        }
        assertThat(TornadoDevices.obstacle("set", "false")).isEmpty();
    }

    @Test
    void deviceThatDoesNotExistIsRefusedWithTheListOfThoseThatDo() {
        assertThatThrownBy(() -> new TornadoDevices().open(77, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tornado:77")
                .hasMessageContaining(TestDevice.NAME);
    }

    @Test
    void memoryIsCheckedBeforeWork() {
        assertThatThrownBy(() -> new TornadoDevices().open(0, 9_000_000_000L))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("9.0 GB in one piece")
                .hasMessageContaining("smaller");
    }
}
