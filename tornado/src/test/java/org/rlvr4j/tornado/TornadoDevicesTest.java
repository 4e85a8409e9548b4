package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.DeviceProvider;
import org.rlvr4j.tensor.DeviceProvider.Precision;
import org.rlvr4j.tornado.library.ProductLibrary;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

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
        assertThatThrownBy(() -> new TornadoDevices().open(77, DevicePlan.none(), Precision.EXACT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tornado:77")
                .hasMessageContaining(TestDevice.NAME);
    }

    @Test
    void precisionIsRefusedWhereItCannotBeHad() {
        assertThatThrownBy(() -> TornadoDevices.library(
                        Precision.TF32, "this one", TornadoVMBackendType.OPENCL, Optional.of(library(null))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("this one does not compute in tf32: that is for NVIDIA's devices, by the CUDA backend of"
                        + " TornadoVM (SDK 5.2.0-jdk25-cuda)");
        assertThatThrownBy(() ->
                        TornadoDevices.library(Precision.BF16, "this one", TornadoVMBackendType.CUDA, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("this one does not compute in bf16: rlvr4j-cublas.jar is needed on the class path, beside"
                        + " rlvr4j-tornado.jar");
        assertThatThrownBy(() -> TornadoDevices.library(
                        Precision.BF16, "this one", TornadoVMBackendType.CUDA, Optional.of(library("it is lost"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("this one does not compute in bf16: it is lost");
        ProductLibrary library = library(null);
        assertThat(TornadoDevices.library(Precision.TF32, "this one", TornadoVMBackendType.CUDA, Optional.of(library)))
                .isSameAs(library);
    }

    private static ProductLibrary library(@Nullable String obstacle) {
        return new ProductLibrary() {
            @Override
            public String name() {
                return "a library";
            }

            @Override
            public Optional<String> obstacle() {
                return Optional.ofNullable(obstacle);
            }
        };
    }

    @Test
    void memoryIsCheckedBeforeWork() {
        assertThatThrownBy(() -> new TornadoDevices().open(0, DevicePlan.ofEach(900_000_000_000L), Precision.EXACT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("activations 900.0")
                .hasMessageContaining("smaller");
    }
}
