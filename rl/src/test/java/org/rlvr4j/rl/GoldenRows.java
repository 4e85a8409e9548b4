package org.rlvr4j.rl;

import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.rlvr4j.tensor.Golden;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Golden files of the objectives as rows of parameterised tests. */
final class GoldenRows {

    private static final ObjectMapper JSON = new ObjectMapper();

    private GoldenRows() {}

    /** The roots of every copy of a file. */
    static Stream<JsonNode> roots(String name) {
        return Golden.find("objectives/" + name).stream().map(path -> JSON.readTree(path.toFile()));
    }

    /** One argument per element of an array in every copy of a file. */
    static Stream<Arguments> of(String name, String array) {
        return rows(name, root -> root.get(array).valueStream()).map(Arguments::of);
    }

    static Stream<JsonNode> rows(String name, Function<JsonNode, Stream<JsonNode>> rows) {
        return roots(name).flatMap(rows);
    }

    /** A number; infinities and NaN are strings in these files. */
    static double number(JsonNode node) {
        return node.isString() ? Double.parseDouble(node.asString()) : node.asDouble();
    }

    static double[] numbers(JsonNode array) {
        return array.valueStream().mapToDouble(GoldenRows::number).toArray();
    }

    static int[] integers(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::asInt).toArray();
    }
}
