package org.rlvr4j.eval.reward;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Verifier of JSON: the response, or its last block between {@code ```json} and {@code ```}, must be one JSON text in which no
 * field stands twice, and must agree with a JSON Schema, if there is one.
 */
public final class JsonVerifier implements Verifier {

    private static final Pattern BLOCK = Pattern.compile("(?s)```json\\s(.*?)```");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final @Nullable Schema schema;

    /**
     * @param schema text of a JSON Schema, by default of draft 2020-12; null if any JSON will do
     * @throws IllegalArgumentException if the text is no JSON
     */
    public JsonVerifier(@Nullable String schema) {
        this.schema = schema == null ? null : schema(schema);
    }

    private static Schema schema(String text) {
        try {
            JsonNode tree = JSON.readTree(text);
            if (!tree.isObject() && !tree.isBoolean()) {
                throw new IllegalArgumentException("a JSON Schema is an object, not " + tree.getNodeType());
            }
            Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(tree);
            schema.initializeValidators(); // resolves references, of which none leaves the text
            return schema;
        } catch (SchemaException e) {
            throw new IllegalArgumentException("the JSON Schema cannot be used: " + e.getMessage(), e);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the JSON Schema is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    @Override
    public Verdict verify(Problem problem, Answer answer) {
        String text = block(answer.text());
        try {
            JsonNode tree = JSON.readTree(text);
            if (tree.isMissingNode()) {
                return Verdict.unanswered();
            }
            return Verdict.of(schema == null || schema.validate(tree).isEmpty(), text.strip());
        } catch (JacksonException e) {
            return Verdict.unanswered();
        }
    }

    private static String block(String text) {
        Optional<String> last = Optional.empty();
        for (Matcher matcher = BLOCK.matcher(text); matcher.find(); ) {
            last = Optional.of(matcher.group(1));
        }
        return last.orElse(text);
    }
}
