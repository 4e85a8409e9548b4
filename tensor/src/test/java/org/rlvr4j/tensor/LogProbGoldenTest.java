package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tensor.vector.VectorBackend;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Log-probabilities, entropy and the gradient of either against PyTorch; the output matrix is the identity. */
class LogProbGoldenTest {

    static Stream<Path> files() {
        return Golden.find("objectives/logprob_entropy.json").stream();
    }

    @ParameterizedTest
    @MethodSource("files")
    void agreesInDoublePrecision(Path file) {
        assertAgrees(file, new ScalarBackend(), DType.F64, 1e-9, 1e-9);
    }

    @ParameterizedTest
    @MethodSource("files")
    void agreesInSinglePrecision(Path file) {
        assertAgrees(file, new ScalarBackend(), DType.F32, 1e-5, 1e-6);
        try (var backend = new VectorBackend(2)) {
            assertAgrees(file, backend, DType.F32, 1e-5, 1e-6);
        }
    }

    private static void assertAgrees(Path file, Backend backend, DType type, double relative, double absolute) {
        try (var workspace = new Workspace(backend, type)) {
            for (JsonNode row : new JsonMapper().readTree(file.toFile()).get("cases")) {
                assertAgrees(row, "log_prob", 0, workspace, relative, absolute);
                assertAgrees(row, "entropy", 1, workspace, relative, absolute);
            }
        }
    }

    private static void assertAgrees(
            JsonNode row, String name, int column, Workspace workspace, double relative, double absolute) {
        int[] labels = row.get("labels").valueStream().mapToInt(JsonNode::asInt).toArray();
        double temperature = row.get("temperature").asDouble();
        Tensor logits = logits(workspace, row.get("logits"));

        Tensor chosen = LogProb.forward(logits, identity(workspace, logits.cols()), labels, temperature)
                .column(column);
        Autograd.backward(chosen.sum());

        assertClose(name, chosen.data(), row.get(name), relative, absolute);
        assertClose(name + "'s gradient", logits.grad(), row.get("grad_sum_" + name), relative, absolute);
        workspace.release();
    }

    private static Tensor logits(Workspace workspace, JsonNode rows) {
        double[] values = flat(rows);
        var shape = new Shape(rows.size(), values.length / rows.size());
        Tensor constant = workspace.constant(shape, values);
        return Tensor.parameter(workspace, shape, constant.data());
    }

    private static Tensor identity(Workspace workspace, int V) {
        var shape = new Shape(V, V);
        Buffer panels = workspace.allocate(Panels.size(shape));
        panels.zero();
        for (int i = 0; i < V; i++) {
            panels.set(Panels.index(i, i, V), 1);
        }
        return Tensor.constant(workspace, shape, Layout.PANELS, panels);
    }

    private static void assertClose(String what, Buffer actual, JsonNode expected, double relative, double absolute) {
        double[] numbers = flat(expected);
        for (int i = 0; i < numbers.length; i++) {
            assertThat(actual.get(i))
                    .as("%s, element %d", what, i)
                    .isCloseTo(numbers[i], within(Math.max(absolute, relative * Math.abs(numbers[i]))));
        }
        assertThat(actual.length()).isEqualTo(numbers.length);
    }

    private static double[] flat(JsonNode values) {
        return values.valueStream()
                .flatMap(value -> value.isArray() ? value.valueStream() : Stream.of(value))
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }
}
