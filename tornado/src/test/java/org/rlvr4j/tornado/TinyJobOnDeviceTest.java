package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.files.Sha256;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.vector.VectorBackend;

/** The first steps of configs/tiny.yaml end in the same bytes on the device as on the CPU. */
class TinyJobOnDeviceTest {

    private static final List<String> FIRST_STEPS = List.of(
            "seeds=[1]",
            "methods=[DCPO]",
            "problems.demonstrations=100",
            "problems.heldBack=8",
            "warmUp.steps=2",
            "training.steps=2",
            "training.promptsPerStep=4",
            "training.groupSize=8",
            "training.updatesPerStep=2",
            "evaluation.samples=1");

    @TempDir
    private Path root;

    /** Of what crosses the bus, which the CPU's metrics do not have. */
    private static final Pattern TRAFFIC = Pattern.compile(",?\"device\\w+\":\\d+");

    @Test
    void metricsCompletionsAndWeightsAreTheCpus() {
        Map<String, String> expected;
        try (var cpu = new VectorBackend(2)) {
            expected = digests("cpu", cpu);
        }

        TornadoBackend device = TestDevice.backend();
        Transfers before = device.transfers();
        assertThat(digests("device", device))
                .as(TestDevice.NAME)
                .hasSizeGreaterThan(4)
                .isEqualTo(expected);
        assertThat(device.transfers().since(before).borrowed())
                .as("operands that lie in another bank than their kernel takes")
                .isZero();
    }

    private Map<String, String> digests(String name, Backend backend) {
        Path output = root.resolve(name);
        var settings = new ArrayList<>(FIRST_STEPS);
        settings.add("output=" + output);
        RunConfig config = RunConfig.read(Path.of("configs/tiny.yaml"), settings.toArray(String[]::new));
        Training.of(config).on(backend).run(RunListener.SILENT);
        var digests = new TreeMap<String, String>();
        try (Stream<Path> files = Files.walk(output)) {
            files.filter(file -> file.getFileName()
                            .toString()
                            .matches("(metrics|evaluations|samples|results)\\.jsonl|.*\\.safetensors"))
                    .forEach(file -> digests.put(output.relativize(file).toString(), digest(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digests;
    }

    private static String digest(Path file) {
        try {
            return file.toString().endsWith("jsonl")
                    ? TRAFFIC.matcher(Files.readString(file)).replaceAll("")
                    : Sha256.of(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
