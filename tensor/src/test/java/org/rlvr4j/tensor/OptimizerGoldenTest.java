package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tensor.vector.VectorBackend;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** AdamW, clipping by global norm and linear warm-up from zero against PyTorch, step by step. */
class OptimizerGoldenTest {

    private static final double F64_TOLERANCE = 1e-9;
    private static final double F32_TOLERANCE = 1e-6;

    static Stream<Path> files() {
        return Golden.find("objectives/optimizer.json").stream();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyStepAgreesInDoublePrecision(Path file) {
        assertAgrees(file, new ScalarBackend(), DType.F64, F64_TOLERANCE);
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyStepAgreesInSinglePrecision(Path file) {
        try (var backend = new VectorBackend(2)) {
            assertAgrees(file, backend, DType.F32, F32_TOLERANCE);
        }
    }

    private static void assertAgrees(Path file, Backend backend, DType type, double tolerance) {
        JsonNode json = new JsonMapper().readTree(file.toFile());
        for (JsonNode run : json.get("runs")) {
            try (var workspace = new Workspace(backend, type);
                    var parameters = new Parameters(workspace, specs(json.get("init")), true);
                    var optimizer = new Optimizer(
                            parameters, adamW(run), run.get("grad_clip").asDouble())) {
                List<Tensor> tensors = List.copyOf(parameters.tensors().values());
                for (int i = 0; i < tensors.size(); i++) {
                    fill(tensors.get(i).data(), json.get("init").get(i));
                }
                var rate = LearningRate.constant(
                        run.get("lr").asDouble(), run.get("warmup_steps").asInt(), true);
                int updates = run.get("updates_per_scheduler_step").asInt();

                for (int step = 0; step < run.get("steps").size(); step++) {
                    JsonNode expected = run.get("steps").get(step);
                    for (int i = 0; i < tensors.size(); i++) {
                        fill(tensors.get(i).grad(), json.get("grads").get(step).get(i));
                    }
                    double learningRate = rate.at(step / updates);
                    double norm = optimizer.step(learningRate);

                    String at = run.get("name").asString() + ", step " + step;
                    assertClose(at + ", rate", learningRate, expected.get("lr").asDouble(), F64_TOLERANCE);
                    assertClose(at + ", norm", norm, expected.get("grad_norm").asDouble(), tolerance);
                    for (int i = 0; i < tensors.size(); i++) {
                        double[] weights = flat(expected.get("params").get(i));
                        for (int k = 0; k < weights.length; k++) {
                            double scale = Math.max(0.1, Math.abs(weights[k])); // a weight may pass through zero
                            assertThat(tensors.get(i).get(k))
                                    .as(at + ", weight " + i)
                                    .isCloseTo(weights[k], within(tolerance * scale));
                        }
                    }
                }
                assertThat(optimizer.steps()).isEqualTo(run.get("steps").size());
            }
        }
    }

    private static AdamW adamW(JsonNode run) {
        return new AdamW(
                run.get("betas").get(0).asDouble(),
                run.get("betas").get(1).asDouble(),
                run.get("eps").asDouble(),
                run.get("weight_decay").asDouble());
    }

    private static List<Parameters.Spec> specs(JsonNode arrays) {
        var specs = new ArrayList<Parameters.Spec>();
        for (JsonNode array : arrays) {
            specs.add(new Parameters.Spec("w" + specs.size(), new Shape(flat(array).length, 1), Parameters.Kind.BIAS));
        }
        return specs;
    }

    private static void fill(Buffer buffer, JsonNode values) {
        double[] flat = flat(values);
        for (int i = 0; i < flat.length; i++) {
            buffer.set(i, flat[i]);
        }
    }

    /** A list of numbers, or of lists of them. */
    private static double[] flat(JsonNode values) {
        return values.valueStream()
                .flatMap(value -> value.isArray() ? value.valueStream() : Stream.of(value))
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    private static void assertClose(String what, double actual, double expected, double tolerance) {
        assertThat(actual).as(what).isCloseTo(expected, within(tolerance * Math.abs(expected)));
    }
}
