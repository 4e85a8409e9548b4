package org.rlvr4j.model.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rlvr4j.model.Json;
import tools.jackson.databind.JsonNode;

/** Tokenizer file: {@code tokenizer.json}, refused if it asks for what {@link Tokenizer} does not do. */
final class TokenizerFile {

    private static final String GPT2_REGEX =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private static final Set<String> POST_PROCESSORS =
            Set.of("ByteLevel", "TemplateProcessing", "BertProcessing", "RobertaProcessing");

    private static final int MAX_ID = 1 << 21;

    private final Path file;
    private final JsonNode root;
    private final JsonNode model;
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<AddedTokens.Token> addedTokens = new ArrayList<>();

    private TokenizerFile(Path file) {
        this.file = file;
        root = Json.read(file);
        model = root.path("model");
    }

    static TokenizerFile read(Path file) {
        var parsed = new TokenizerFile(file);
        parsed.checkKinds();
        parsed.model.path("vocab").properties().forEach(entry -> parsed.putId(entry.getKey(), entry.getValue()));
        parsed.root.path("added_tokens").forEach(parsed::readAddedToken);
        return parsed;
    }

    /** Ids of all tokens, added ones included, by token. */
    Map<String, Integer> ids() {
        return ids;
    }

    List<AddedTokens.Token> addedTokens() {
        return addedTokens;
    }

    /** Whether text is brought into normal form C. */
    boolean composes() {
        return !root.path("normalizer").isEmpty();
    }

    BytePairs pairs() {
        var byteIds = new int[256];
        for (int b = 0; b < byteIds.length; b++) {
            byteIds[b] = ids.getOrDefault(ByteAlphabet.spell(b), -1);
        }
        var merges = new ArrayList<int[]>();
        for (JsonNode merge : model.path("merges")) {
            String spelled = merge.asString("");
            int space = spelled.indexOf(' ');
            String left = merge.isArray() ? merge.path(0).asString("") : spelled.substring(0, Math.max(space, 0));
            String right = merge.isArray() ? merge.path(1).asString("") : spelled.substring(space + 1);
            merges.add(new int[] {id(left, merge), id(right, merge), id(left + right, merge)});
        }
        return new BytePairs(file, byteIds, merges.toArray(int[][]::new));
    }

    Splitter splitter() {
        String regex = "(?s).+"; // all of the text is one word
        for (JsonNode step : steps()) {
            JsonNode pattern = step.path("pattern").path("Regex");
            if (step.path("type").asString("").equals("ByteLevel")) {
                check(!step.path("add_prefix_space").asBoolean(true), "add_prefix_space of pre_tokenizer", "true");
                if (step.path("use_regex").asBoolean(true)) {
                    regex = GPT2_REGEX;
                }
            } else {
                check(pattern.isString(), "pattern of pre_tokenizer", step.path("pattern"));
                check(
                        step.path("behavior").asString("").equals("Isolated"),
                        "behavior of pre_tokenizer",
                        step.path("behavior"));
                check(!step.path("invert").asBoolean(false), "invert of pre_tokenizer", "true");
                regex = pattern.asString();
            }
        }
        return new Splitter(file, regex);
    }

    /** Steps of the pre-tokenizer: at most one Split, then ByteLevel. */
    private List<JsonNode> steps() {
        JsonNode steps = root.path("pre_tokenizer");
        List<JsonNode> list = new ArrayList<>();
        (steps.has("pretokenizers") ? steps.path("pretokenizers") : List.of(steps)).forEach(list::add);
        List<String> types =
                list.stream().map(step -> step.path("type").asString("")).toList();
        boolean splitsFirst = types.equals(List.of("Split", "ByteLevel"))
                && !list.getLast().path("use_regex").asBoolean(true);
        check(splitsFirst || types.equals(List.of("ByteLevel")), "pre_tokenizer", steps);
        return list;
    }

    private void checkKinds() {
        check(model.path("type").asString("BPE").equals("BPE"), "model.type", model.path("type"));
        checkType("normalizer", "NFC");
        checkType("decoder", "ByteLevel");
        checkPostProcessor(root.path("post_processor"));
        for (String field : List.of(
                "dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "ignore_merges")) {
            String value = model.path(field).asString("");
            check(Set.of("", "false", "0", "0.0").contains(value), "model." + field, value);
        }
    }

    /** Checks that a post-processor is of a known kind: none of them changes text that a chat template rendered. */
    private void checkPostProcessor(JsonNode part) {
        if (part.path("type").asString("").equals("Sequence")) {
            part.path("processors").forEach(this::checkPostProcessor);
        } else {
            check(part.isEmpty() || POST_PROCESSORS.contains(part.path("type").asString("")), "post_processor", part);
        }
    }

    private void checkType(String part, String type) {
        JsonNode value = root.path(part);
        check(value.isEmpty() || value.path("type").asString("").equals(type), part, value);
    }

    private void readAddedToken(JsonNode token) {
        String content = token.path("content").asString("");
        check(!content.isEmpty(), "content of an added token", token);
        putId(content, token.path("id"));
        addedTokens.add(new AddedTokens.Token(
                token.path("id").intValue(),
                content,
                token.path("single_word").asBoolean(false),
                token.path("lstrip").asBoolean(false),
                token.path("rstrip").asBoolean(false),
                token.path("normalized").asBoolean(false),
                token.path("special").asBoolean(false)));
    }

    private void putId(String token, JsonNode id) {
        check(id.isInt() && id.intValue() >= 0 && id.intValue() < MAX_ID, "id of token " + token, id);
        ids.put(token, id.intValue());
    }

    private int id(String token, JsonNode merge) {
        Integer id = ids.get(token);
        if (id == null) {
            throw unsupported("merge without a token \"" + token + "\"", merge);
        }
        return id;
    }

    private void check(boolean condition, String subject, Object value) {
        if (!condition) {
            throw unsupported(subject, value);
        }
    }

    private IllegalArgumentException unsupported(String subject, Object value) {
        return new IllegalArgumentException(file + ": unsupported " + Json.shown(subject + ": " + value));
    }
}
