package org.rlvr4j.model.text.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.rlvr4j.model.Json;
import org.rlvr4j.model.text.template.syntax.TemplateException;
import org.rlvr4j.tensor.Golden;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** What Transformers makes of the templates that {@code scripts/golden/template_expressions.py} writes. */
class TemplateGoldenTest {

    private static final double MAX_REFUSED = 0.02; // of those that the reference renders

    @TestFactory
    Stream<DynamicTest> noTemplateThatRendersGivesAnotherText() {
        return Golden.find("template/expressions.jsonl").stream()
                .map(file -> DynamicTest.dynamicTest(file.toString(), () -> compare(file)));
    }

    private static void compare(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        Map<String, Object> variables = Json.MAPPER.convertValue(
                Json.MAPPER.readTree(lines.getFirst()).path("variables"), new TypeReference<>() {});
        var different = new ArrayList<String>();
        Map<String, Integer> refused = new TreeMap<>();
        int rendered = 0;
        for (String line : lines.subList(1, lines.size())) {
            JsonNode row = Json.MAPPER.readTree(line);
            String expected = row.has("text") ? row.path("text").asString() : null;
            String actual = rendered(row.path("template").asString(), variables, refused, expected != null);
            rendered += expected != null ? 1 : 0;
            if (actual != null && !actual.equals(expected)) {
                different.add(row.path("construct").asString() + ": " + Json.MAPPER.writeValueAsString(row) + " gives "
                        + Json.MAPPER.writeValueAsString(actual));
            }
        }

        System.out.println(file + ": " + (lines.size() - 1) + " templates, " + rendered
                + " rendered by the reference, of these" + " refused here: " + refused);
        assertThat(different).isEmpty();
        assertThat(refused.values().stream().mapToInt(i -> i).sum())
                .as("refused of " + rendered + ": " + refused)
                .isLessThanOrEqualTo((int) (MAX_REFUSED * rendered));
    }

    private static @Nullable String rendered(
            String template, Map<String, Object> variables, Map<String, Integer> refused, boolean counts) {
        try {
            return Template.parse(template).render(variables, Clock.systemUTC());
        } catch (TemplateException e) {
            if (counts) {
                refused.merge(e.getMessage(), 1, Integer::sum);
            }
            return null;
        }
    }
}
