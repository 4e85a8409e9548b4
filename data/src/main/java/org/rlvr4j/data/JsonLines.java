package org.rlvr4j.data;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reader of problems in JSON Lines, in either of two layouts.
 *
 * <ul>
 *   <li>GSM8K's: {@code question} and {@code answer}, whose text after the last {@code ####} is the answer;
 *   <li>a general one: {@code prompt} (text) or {@code messages} (a list of {@code {role, content}}); {@code answer}
 *       (text, a number, or a list of accepted ones; an object, or a list with objects or lists in it, is one answer, its
 *       JSON as Python writes it).
 * </ul>
 *
 * Both may give {@code id} and {@code source}, which otherwise are the line's number and the file's name.
 */
final class JsonLines {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    private static final String BYTE_ORDER_MARK = "\ufeff"; // some editors begin a file with it
    private static final int MAX_DIGITS = 1_000; // of a number as an answer, written out
    private static final String FINAL_ANSWER = "####";

    private JsonLines() {}

    /** Reads one problem per line; blank lines are skipped. */
    static List<Problem> read(Path file) {
        var problems = new ArrayList<Problem>();
        List<String> lines = lines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                problems.add(new Line(file, i + 1, parse(file, i + 1, lines.get(i))).problem());
            }
        }
        return problems;
    }

    /** Lines of a file of UTF-8 text. */
    static List<String> lines(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            if (!lines.isEmpty() && lines.getFirst().startsWith(BYTE_ORDER_MARK)) {
                lines.set(0, lines.getFirst().substring(BYTE_ORDER_MARK.length()));
            }
            return lines;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + " is not UTF-8 text", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** JSON of a line, whose number is counted from 1. */
    static JsonNode parse(Path file, int number, String line) {
        try {
            return JSON.readTree(line);
        } catch (StreamConstraintsException e) {
            throw new IllegalArgumentException(
                    file + ", line " + number + ": has a number or text too long, or nesting too deep, to be read", e);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + ", line " + number + ": not valid JSON", e);
        }
    }

    /** Fields of an object as the usual types of Java; a decimal number is a double where one holds it. */
    static Map<String, @Nullable Object> fields(JsonNode object) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        object.properties().forEach(field -> fields.put(field.getKey(), value(field.getValue())));
        return fields;
    }

    private static @Nullable Object value(JsonNode node) {
        if (node.isObject()) {
            return fields(node);
        }
        if (node.isArray()) {
            var items = new ArrayList<@Nullable Object>();
            node.forEach(item -> items.add(value(item)));
            return items;
        }
        if (node.isNumber()) {
            Number number = node.numberValue();
            boolean isDouble = number instanceof BigDecimal && Double.isFinite(number.doubleValue());
            return isDouble ? (Object) number.doubleValue() : number;
        }
        return node.isNull() ? null : node.isBoolean() ? (Object) node.booleanValue() : node.asString();
    }

    private record Line(Path file, int number, JsonNode json) {

        Problem problem() {
            boolean gsm8k = json.has("question");
            String id = json.has("id") ? scalar("id", json.get("id")) : Integer.toString(number);
            String source = json.has("source") ? scalar("source", json.get("source")) : stem();
            List<Message> prompt = gsm8k || json.has("prompt")
                    ? List.of(new Message("user", scalar(gsm8k ? "question" : "prompt")))
                    : messages();
            return new Problem(id, source, prompt, gsm8k ? List.of(afterMarker()) : answers(), 1, fields(json));
        }

        private List<Message> messages() {
            var messages = new ArrayList<Message>();
            for (JsonNode turn : list("messages")) {
                messages.add(new Message(scalar("role", turn.get("role")), scalar("content", turn.get("content"))));
            }
            return messages;
        }

        private List<String> answers() {
            if (json.has("answer")) {
                Object truth = value(json.get("answer"));
                if (Answers.isStructured(truth)) {
                    return List.of(JsonText.of(truth));
                }
            }
            if (!json.path("answer").isArray()) {
                return List.of(answer(json.get("answer")));
            }
            return list("answer").valueStream().map(this::answer).toList();
        }

        private String answer(@Nullable JsonNode value) {
            String answer = scalar("answer", value);
            if (answer.isBlank()) {
                throw fieldError("answer", "should not be blank");
            }
            return answer;
        }

        private String afterMarker() {
            String solution = scalar("answer");
            int marker = solution.lastIndexOf(FINAL_ANSWER);
            if (marker < 0) {
                throw fieldError("answer", "should end in a line \"" + FINAL_ANSWER + " N\"");
            }
            String answer = solution.substring(marker + FINAL_ANSWER.length()).strip();
            if (answer.isBlank()) {
                throw fieldError("answer", "should not be blank after \"" + FINAL_ANSWER + "\"");
            }
            return answer;
        }

        private JsonNode list(String field) {
            JsonNode value = json.path(field);
            if (!value.isArray() || value.isEmpty()) {
                throw fieldError(field, value.isMissingNode() ? "is missing" : "should be a list of one or more");
            }
            return value;
        }

        private String scalar(String field) {
            return scalar(field, json.get(field));
        }

        private String scalar(String field, @Nullable JsonNode value) {
            if (value == null || !(value.isString() || value.isNumber())) {
                throw fieldError(field, value == null ? "is missing" : "should be text or a number");
            }
            return value.isNumber() ? digits(field, value.numberValue()) : value.asString();
        }

        private String digits(String field, Number number) {
            boolean isLong = number instanceof BigDecimal decimal
                    && Math.abs((long) decimal.precision() - decimal.scale()) + decimal.precision() > MAX_DIGITS;
            if (isLong) {
                throw fieldError(field, "should be a number of at most " + MAX_DIGITS + " digits");
            }
            return Answers.plain(number);
        }

        private IllegalArgumentException fieldError(String field, String fault) {
            return new IllegalArgumentException(file + ", line " + number + ": field " + field + " " + fault);
        }

        private String stem() {
            return file.getFileName().toString().replaceFirst("\\.jsonl$", "");
        }
    }
}
