package org.rlvr4j.tensor.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tensor.Backend;

class VectorSupportTest {

    /** Prints what it finds in a virtual machine of its own. */
    static final class Probe {

        private Probe() {}

        public static void main(String[] args) {
            var obstacles = new ArrayList<String>();
            try (Backend backend = VectorSupport.backend(1, obstacles::add)) {
                System.out.print(backend.getClass().getSimpleName() + ": "
                        + (obstacles.isEmpty() ? "nothing" : String.join("; ", obstacles)));
            }
        }
    }

    @Test
    void nothingStandsAgainstVectorsHere() {
        assertThat(VectorSupport.obstacle()).isEmpty();
        try (Backend backend = VectorSupport.backend(1, _ -> {})) {
            assertThat(backend).isInstanceOf(VectorBackend.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-Xint, ScalarBackend: the optimizing compiler or its vector support is switched off",
        "-XX:TieredStopAtLevel=1, ScalarBackend: the optimizing compiler or its vector support is switched off",
        "-XX:MaxVectorSize=16, VectorBackend: nothing",
        "-XX:MaxVectorSize=32, VectorBackend: nothing"
    })
    void fallsBackWhereVectorsWouldBeObjects(String option, String finding) throws IOException {
        assertThat(probe(option, "--add-modules=jdk.incubator.vector")).endsWith(finding);
    }

    @Test
    void saysThatTheModuleIsMissing() throws IOException {
        assertThat(probe())
                .isEqualTo("ScalarBackend: the module jdk.incubator.vector is missing"
                        + " (--add-modules jdk.incubator.vector)");
    }

    /** Makes a vector backend, and prints how that failed. */
    static final class Maker {

        private Maker() {}

        public static void main(String[] args) {
            try (var backend = new VectorBackend(1)) {
                System.out.print(backend.getClass().getSimpleName());
            } catch (IllegalStateException e) {
                System.out.print(e.getMessage());
            }
        }
    }

    @Test
    void aBackendWithoutTheModuleIsRefusedInOneSentence() throws IOException {
        assertThat(printed(Maker.class))
                .isEqualTo("the vector backend needs the option --add-modules jdk.incubator.vector of java;"
                        + " without it, use ScalarBackend, which is many times slower");
    }

    @Test
    void aMachineWithoutFusedMultiplyAddIsRefusedInOneSentence() throws IOException {
        assertThat(printed(Maker.class, "-XX:-UseFMA", "--add-modules=jdk.incubator.vector"))
                .startsWith("this processor has no fused multiply-add, or -XX:-UseFMA switches it off;");
    }

    private static String probe(String... options) throws IOException {
        return printed(Probe.class, options);
    }

    private static String printed(Class<?> program, String... options) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        Process process = new ProcessBuilder(command).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
