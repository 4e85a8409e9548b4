package org.rlvr4j.model.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.rlvr4j.model.Json;
import tools.jackson.databind.JsonNode;

/** Tokenizer file: {@code tokenizer.json}, refused if it asks for what {@link Tokenizer} does not do. */
final class TokenizerFile {

    private static final String GPT2_REGEX =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private static final Set<String> POST_PROCESSORS =
            Set.of("ByteLevel", "TemplateProcessing", "BertProcessing", "RobertaProcessing");

    /** Numerals, with those of Unicode 17, which Hugging Face's tokenizers know and JDK 25 does not. */
    private static final String NUMERAL = "[\\p{N}\\x{11DE0}-\\x{11DE9}\\x{16FF4}-\\x{16FF6}]";

    private static final String ADVICE =
            "of tokenizers, byte-level BPE alone is read, so take a checkpoint that has one";

    private static final int MAX_ID = 1 << 21;

    private final Path file;
    private final JsonNode root;
    private final JsonNode model;
    private final Map<String, Integer> vocabulary = new HashMap<>();
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
        parsed.model
                .path("vocab")
                .properties()
                .forEach(entry -> parsed.putId(parsed.vocabulary, entry.getKey(), entry.getValue()));
        parsed.ids.putAll(parsed.vocabulary);
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
            byteIds[b] = vocabulary.getOrDefault(ByteAlphabet.spell(b), -1);
        }
        var merges = new ArrayList<int[]>();
        for (JsonNode merge : model.path("merges")) {
            String spelled = merge.asString("");
            int space = spelled.indexOf(' ');
            String left = merge.isArray() ? merge.path(0).asString("") : spelled.substring(0, Math.max(space, 0));
            String right = merge.isArray() ? merge.path(1).asString("") : spelled.substring(space + 1);
            merges.add(new int[] {id(left, merge), id(right, merge), id(left + right, merge)});
        }
        boolean ignoresMerges = model.path("ignore_merges").asBoolean(false);
        return new BytePairs(
                file,
                byteIds,
                unknown(byteIds),
                merges.toArray(int[][]::new),
                ignoresMerges ? Map.copyOf(vocabulary) : Map.of());
    }

    /**
     * What becomes of a byte without a token: as in Hugging Face's tokenizers the unknown token, or nothing. Only where not
     * even ASCII has tokens, so that the tokenizer is one of few characters, such a byte is refused.
     */
    private BytePairs.Unknown unknown(int[] byteIds) {
        JsonNode token = model.path("unk_token");
        boolean coversAscii = IntStream.range(' ', 0x7f).allMatch(b -> byteIds[b] >= 0);
        if (!token.isString()) {
            return new BytePairs.Unknown(!coversAscii, null, false);
        }
        Integer id = vocabulary.get(token.asString());
        check(id != null, "model.unk_token, which is no token", token);
        return new BytePairs.Unknown(false, id, model.path("fuse_unk").asBoolean(false));
    }

    Splitter splitter() {
        var regexes = new ArrayList<String>();
        for (JsonNode step : steps()) {
            switch (step.path("type").asString("")) {
                case "Split" -> regexes.add(pattern(step));
                case "Digits" -> regexes.add(step.path("individual_digits").asBoolean(false) ? NUMERAL : NUMERAL + "+");
                default -> {
                    check(!step.path("add_prefix_space").asBoolean(true), "add_prefix_space of pre_tokenizer", "true");
                    if (step.path("use_regex").asBoolean(true)) {
                        regexes.add(GPT2_REGEX);
                    }
                }
            }
        }
        return new Splitter(file, regexes);
    }

    private String pattern(JsonNode split) {
        JsonNode pattern = split.path("pattern").path("Regex");
        check(pattern.isString(), "pattern of pre_tokenizer", split.path("pattern"));
        check(
                split.path("behavior").asString("").equals("Isolated"),
                "behavior of pre_tokenizer",
                split.path("behavior"));
        check(!split.path("invert").asBoolean(false), "invert of pre_tokenizer", "true");
        return pattern.asString();
    }

    /** Steps of the pre-tokenizer: any of Split and Digits, then ByteLevel. */
    private List<JsonNode> steps() {
        JsonNode steps = root.path("pre_tokenizer");
        List<JsonNode> list = new ArrayList<>();
        (steps.has("pretokenizers") ? steps.path("pretokenizers") : List.of(steps)).forEach(list::add);
        List<String> types =
                list.stream().map(step -> step.path("type").asString("")).toList();
        boolean splitsFirst = !types.isEmpty()
                && types.getLast().equals("ByteLevel")
                && Set.of("Split", "Digits").containsAll(types.subList(0, types.size() - 1));
        checkKind(splitsFirst, "pre_tokenizer", steps);
        return list;
    }

    /** Tokens that the post-processor's template puts before a text. */
    int[] beginning() {
        return beginning(root.path("post_processor")).toArray();
    }

    private IntStream beginning(JsonNode processor) {
        if (processor.path("type").asString("").equals("Sequence")) {
            IntStream all = IntStream.empty();
            for (JsonNode part : processor.path("processors")) {
                all = IntStream.concat(beginning(part), all);
            }
            return all;
        }
        if (!processor.path("type").asString("").equals("TemplateProcessing")) {
            return IntStream.empty();
        }
        return processor
                .path("single")
                .valueStream()
                .takeWhile(piece -> !piece.has("Sequence"))
                .flatMapToInt(piece -> {
                    String token = piece.path("SpecialToken").path("id").asString("");
                    JsonNode listed =
                            processor.path("special_tokens").path(token).path("ids");
                    check(listed.isArray() || ids.containsKey(token), "post_processor, whose token is none", piece);
                    return listed.isArray()
                            ? listed.valueStream().mapToInt(JsonNode::intValue)
                            : IntStream.of(ids.getOrDefault(token, 0));
                });
    }

    private void checkKinds() {
        checkKind(model.path("type").asString("BPE").equals("BPE"), "model.type", model.path("type"));
        checkKind(!model.path("byte_fallback").asBoolean(false), "model.byte_fallback", "true");
        checkType("normalizer", "NFC");
        checkType("decoder", "ByteLevel");
        checkPostProcessor(root.path("post_processor"));
        for (String field : List.of("dropout", "continuing_subword_prefix", "end_of_word_suffix")) {
            String value = model.path(field).asString("");
            check(Set.of("", "false", "0", "0.0").contains(value), "model." + field, value);
        }
    }

    /** Checks that a post-processor is of a known kind: of all that they do, a template's beginning alone has a part here. */
    private void checkPostProcessor(JsonNode part) {
        if (part.path("type").asString("").equals("Sequence")) {
            part.path("processors").forEach(this::checkPostProcessor);
        } else {
            check(part.isEmpty() || POST_PROCESSORS.contains(part.path("type").asString("")), "post_processor", part);
        }
    }

    private void checkType(String part, String type) {
        JsonNode value = root.path(part);
        checkKind(value.isEmpty() || value.path("type").asString("").equals(type), part, value);
    }

    private void readAddedToken(JsonNode token) {
        String content = token.path("content").asString("");
        check(!content.isEmpty(), "content of an added token", token);
        putId(ids, content, token.path("id"));
        addedTokens.add(new AddedTokens.Token(
                token.path("id").intValue(),
                content,
                token.path("single_word").asBoolean(false),
                token.path("lstrip").asBoolean(false),
                token.path("rstrip").asBoolean(false),
                token.path("normalized").asBoolean(false),
                token.path("special").asBoolean(false)));
    }

    private void putId(Map<String, Integer> into, String token, JsonNode id) {
        check(id.isInt() && id.intValue() >= 0 && id.intValue() < MAX_ID, "id of token " + token, id);
        into.put(token, id.intValue());
    }

    private int id(String token, JsonNode merge) {
        Integer id = vocabulary.get(token);
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

    private void checkKind(boolean condition, String subject, Object value) {
        if (!condition) {
            IllegalArgumentException e = unsupported(subject, value);
            throw new IllegalArgumentException(e.getMessage() + ": " + ADVICE, e);
        }
    }

    private IllegalArgumentException unsupported(String subject, Object value) {
        return new IllegalArgumentException(file + ": unsupported " + Json.shown(subject + ": " + value));
    }
}
