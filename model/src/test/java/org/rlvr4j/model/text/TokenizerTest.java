package org.rlvr4j.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerTest {

    /** Letters a to e, and byte tokens for a blank and the two bytes of an e with acute accent. */
    private static final String FILE = """
        {"added_tokens": [
           {"id": 20, "content": "<end>", "special": true},
           {"id": 21, "content": "<think>", "special": false},
           {"id": 22, "content": "<endless>", "special": true},
           {"id": 23, "content": "|", "special": false, "lstrip": true, "rstrip": true},
           {"id": 24, "content": "bed", "special": false, "single_word": true},
           {"id": 25, "content": "dé", "special": false, "normalized": true},
           {"id": 26, "content": "e\\u0301e\\u0301", "special": false, "normalized": true}],
         "normalizer": {"type": "NFC"},
         "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
           {"type": "Split", "pattern": {"Regex": "x|\\\\s?[a-e]+"}, "behavior": "Isolated", "invert": false},
           {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},
         "decoder": {"type": "ByteLevel"},
         "model": {"type": "BPE",
           "vocab": {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4, "Ġ": 5, "Ã": 6, "©": 7, "ab": 8, "bc": 9, "abc": 10,
                     "aa": 11, "Ġa": 12, "aba": 13},
           "merges": %s}}
        """;

    private static final String MERGES = "[\"b c\", \"a b\", \"a bc\", \"a a\", \"Ġ a\"]";

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ab | 8",
                "abc | 10", // b c was learned before a b
                "bcab | 9 8",
                "aaa | 11 0", // of equal pairs the leftmost
                "aaaaa | 11 11 0",
                "'a ab' | 0 5 8", // the pair a b was learned before the blank and a
                "'c a' | 2 12",
                "é | 6 7",
                "e\u0301 | 6 7", // composed first
            })
    void pairsAreMergedInTheOrderInWhichTheyWereLearned(String text, String ids) throws IOException {
        assertThat(tokenizer(MERGES).encode(text)).isEqualTo(numbers(ids));
        assertThat(tokenizer(MERGES.replaceAll("\"(\\S+) (\\S+)\"", "[\"$1\", \"$2\"]"))
                        .encode(text))
                .isEqualTo(numbers(ids));
    }

    @Test
    void aPairThatWasLearnedBeforeWhatMakesItComesFirst() throws IOException {
        assertThat(tokenizer("[\"ab a\", \"a b\"]").encode("ababab")).containsExactly(13, 1, 8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a<end>b | 0 20 1",
                "<endless>a | 22 0", // the longest
                "ab<think>c | 8 21 2",
                "<end><end> | 20 20",
                "abed bed | 8 4 3 5 24",
                "bed | 24",
                "ade\u0301 | 0 25",
                "e\u0301e\u0301 | 26", // a token whose spelling is not in normal form C
            })
    void addedTokensAreFoundAsTheyAreSpelled(String text, String ids) throws IOException {
        assertThat(tokenizer(MERGES).encode(text)).isEqualTo(numbers(ids));
    }

    @Test
    void anAddedTokenTakesTheWhiteSpaceItAsksFor() throws IOException {
        assertThat(tokenizer(MERGES).encode("a \n| b|  |")).containsExactly(0, 23, 1, 23, 23);
    }

    @Test
    void specialTokensAreLeftOutOnRequest() throws IOException {
        int[] ids = {12, 20, 8, 21, 10};

        assertThat(tokenizer(MERGES).decode(ids, false)).isEqualTo(" a<end>ab<think>abc");
        assertThat(tokenizer(MERGES).decode(ids, true)).isEqualTo(" aab<think>abc");
    }

    @Test
    void brokenUtf8BecomesReplacementCharactersAndUnknownIdsNothing() throws IOException {
        assertThat(tokenizer(MERGES).decode(new int[] {6, 7, 6, 0, 7, 19, 999, -1}, false))
                .isEqualTo("é\ufffda\ufffd");
    }

    @Test
    void sizeIsTheHighestIdPlusOneAndTokensAreKnownByTheirSpelling() throws IOException {
        assertThat(tokenizer(MERGES).size()).isEqualTo(27);
        assertThat(tokenizer(MERGES).id("<end>")).hasValue(20);
        assertThat(tokenizer(MERGES).id("Ġa")).hasValue(12);
        assertThat(tokenizer(MERGES).id(" a")).isEmpty();
    }

    @Test
    void aTokenizerOfSingleCharactersNeedsNoMergesAndNoNormalizer() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), """
            {"added_tokens": [{"id": 5, "content": "<|im_end|>", "special": true}],
             "normalizer": null,
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false},
             "decoder": {"type": "ByteLevel"},
             "model": {"type": "BPE", "vocab": {"1": 0, "2": 1, "+": 2, "=": 3, "Ċ": 4}, "merges": []}}
            """);
        Tokenizer tokenizer = Tokenizer.load(folder);

        assertThat(tokenizer.encode("12+1=\n<|im_end|>")).containsExactly(0, 1, 2, 0, 3, 4, 5);
        assertThat(tokenizer.decode(tokenizer.encode("12+1=\n<|im_end|>"), true))
                .isEqualTo("12+1=\n");
        assertThatThrownBy(() -> tokenizer.encode("1-1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("has no token for byte 45 of \"1-1\"");
    }

    @Test
    @Timeout(20) // seconds; with quadratic time it would be hours
    void aVeryLongWordTakesAlmostLinearTime() throws IOException {
        Tokenizer tokenizer = tokenizer(MERGES);

        assertThat(tokenizer.encode("a".repeat(3_000_000))).hasSize(1_500_000);
        assertThat(tokenizer.encode("abc".repeat(1_000_000))).hasSize(1_000_000);
    }

    @Test
    @Timeout(20) // seconds; without a limit it would be weeks
    void aPatternThatTriesEverythingIsRefused() throws IOException {
        String pattern = "a*a*a*a*a*a*a*a*c";
        String file = FILE.formatted(MERGES).replace("x|\\\\s?[a-e]+", pattern);
        Files.writeString(folder.resolve("tokenizer.json"), file);
        Tokenizer tokenizer = Tokenizer.load(folder);

        assertThatThrownBy(() -> tokenizer.encode("a".repeat(100) + "d"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(folder.resolve("tokenizer.json") + ": cannot split by the pattern " + pattern);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "\"type\": \"BPE\" ~ \"type\": \"Unigram\" ~ model.type: \"Unigram\": of tokenizers, byte-level BPE"
                        + " alone is",
                "\"type\": \"BPE\" ~ \"type\": \"WordPiece\" ~ model.type: \"WordPiece\": of tokenizers, byte-level"
                        + " BPE",
                "\"type\": \"BPE\" ~ \"type\": \"BPE\", \"byte_fallback\": true ~ model.byte_fallback: true: of",
                "\"type\": \"BPE\" ~ \"type\": \"BPE\", \"unk_token\": \"<unk>\" ~ model.unk_token, which is no token:"
                        + " \"<unk>\"",
                "\"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": false ~ \"Metaspace\" ~ Metaspace",
                "\"type\": \"Split\" ~ \"type\": \"Whitespace\" ~ unsupported pre_tokenizer: {\"type\":\"Sequence\"",
                "\"decoder\" ~ \"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\":"
                        + " {\"id\": \"<s>\"}}]}, \"decoder\" ~ post_processor, whose token is none:",
                "\"type\": \"NFC\" ~ \"type\": \"Lowercase\" ~ normalizer: {\"type\":\"Lowercase\"}",
                "\"decoder\" ~ \"post_processor\": {\"type\": \"Other\"}, \"decoder\" ~ post_processor:"
                        + " {\"type\":\"Other\"}",
                "\"Isolated\" ~ \"Removed\" ~ behavior of pre_tokenizer: \"Removed\"",
                "\"x| ~ \"(x| ~ cannot split by the pattern (x|\\s?[a-e]+: Unclosed group",
                "\"id\": 20 ~ \"id\": -20 ~ id of token <end>: -20",
                "\"a\": 0 ~ \"a\": \"0\" ~ id of token a: \"0\"",
                "\"a\": 0 ~ \"a\": 0, \"a\": 1 ~ Duplicate",
                "b c ~ b x ~ merge without a token \"x\"",
            })
    void whatItWouldNotDoAsTheFileAsksIsRefused(String from, String to, String message) throws IOException {
        String file = FILE.formatted(MERGES);
        assertThat(file).contains(from);
        Files.writeString(folder.resolve("tokenizer.json"), file.replace(from, to));

        assertThatThrownBy(() -> Tokenizer.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "{\"type\": \"ByteLevel\"}",
                "{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<end>\", \"type_id\":"
                        + " 0}}]}",
                "{\"type\": \"BertProcessing\", \"sep\": [\"<end>\", 20], \"cls\": [\"<end>\", 20]}",
                "{\"type\": \"RobertaProcessing\", \"sep\": [\"<end>\", 20], \"cls\": [\"<end>\", 20]}",
                "{\"type\": \"Sequence\", \"processors\": [{\"type\": \"ByteLevel\"}, {\"type\":"
                        + " \"TemplateProcessing\"}]}",
            })
    void aPostProcessorHasNoPartInRenderedText(String processor) throws IOException {
        String file =
                FILE.formatted(MERGES).replace("\"decoder\"", "\"post_processor\": " + processor + ", \"decoder\"");
        Files.writeString(folder.resolve("tokenizer.json"), file);

        assertThat(Tokenizer.load(folder).encode("abc<end>")).containsExactly(10, 20);
    }

    /** Each part that a step splits off is all that the next step sees of the text. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\": \"Digits\", \"individual_digits\": true} | a12 3b | 0 1 2 4 3 5",
                "{\"type\": \"Digits\", \"individual_digits\": false} | a12 3b | 0 6 4 3 5",
                "{\"type\": \"Digits\"} | 12 | 6",
                "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"2\"}, \"behavior\": \"Isolated\"} | 1233 | 1 2 7",
                "{\"type\": \"Digits\", \"individual_digits\": true} | a  1 | 0 8 1", // the blanks end there
                "{\"type\": \"Digits\", \"individual_digits\": true} | a  b | 0 4 9", // one of them begins a word
            })
    void partsAreSplitStepByStep(String step, String text, String ids) throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), """
            {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [
               %s, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}]},
             "decoder": {"type": "ByteLevel"},
             "model": {"type": "BPE", "merges": ["1 2", "3 3", "Ġ Ġ", "Ġ b"],
               "vocab": {"a": 0, "1": 1, "2": 2, "3": 3, "Ġ": 4, "b": 5, "12": 6, "33": 7, "ĠĠ": 8, "Ġb": 9}}}
            """.formatted(step));

        assertThat(Tokenizer.load(folder).encode(text)).isEqualTo(numbers(ids));
    }

    @Test
    void aWordThatIsATokenIsNotMergedIfMergesAreIgnored() throws IOException {
        String merges = "[\"b c\", \"a b\", \"a bc\", \"a a\", \"Ġ a\"], \"ignore_merges\": ";

        assertThat(tokenizer(merges + false).encode("aba aba")).containsExactly(8, 0, 5, 8, 0);
        assertThat(tokenizer(merges + true).encode("aba aba")).containsExactly(13, 5, 8, 0);
    }

    @Test
    void aByteWithoutATokenIsTheUnknownTokenIfThereIsOne() throws IOException {
        assertThatThrownBy(() -> tokenizer(MERGES).encode("aèèb")).hasMessageContaining("has no token for byte 168");

        assertThat(tokenizer(MERGES + ", \"unk_token\": \"e\"").encode("aèèb")).containsExactly(0, 6, 4, 6, 4, 1);
        assertThat(tokenizer(MERGES + ", \"unk_token\": \"e\"").encode("aߟb")).containsExactly(0, 4, 4, 1);
        assertThat(tokenizer(MERGES + ", \"unk_token\": \"e\", \"fuse_unk\": true")
                        .encode("aߟb"))
                .containsExactly(0, 4, 1);
    }

    @Test
    void aTokenizerOfAllOfAsciiLeavesOutAByteWithoutATokenAsHuggingFaceDoes() throws IOException {
        String letters = IntStream.range('!', 0x7f)
                .filter(c -> c != '"' && c != '\\')
                .mapToObj(c -> "\"%c\": %d".formatted(c, c))
                .collect(Collectors.joining(", "));
        Files.writeString(folder.resolve("tokenizer.json"), """
            {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}, "decoder": {"type": "ByteLevel"},
             "model": {"type": "BPE", "merges": [], "vocab": {%s, "\\"": 34, "\\\\": 92, "Ġ": 32}}}
            """.formatted(letters));

        assertThat(Tokenizer.load(folder).encode("a\u0004\u00e9b c")).containsExactly('a', 'b', ' ', 'c');
    }

    @Test
    void aPromptBeginsAsTheTemplateOfThePostProcessorSaysAndNeverTwice() throws IOException {
        String template = """
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<end>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                        {"SpecialToken": {"id": "<endless>", "type_id": 0}}],
             "special_tokens": {"<end>": {"id": "<end>", "ids": [20], "tokens": ["<end>"]}}}
            """;
        for (String processor : List.of(
                template, "{\"type\": \"Sequence\", \"processors\": [{\"type\": \"ByteLevel\"}, " + template + "]}")) {
            String file =
                    FILE.formatted(MERGES).replace("\"decoder\"", "\"post_processor\": " + processor + ", \"decoder\"");
            Files.writeString(folder.resolve("tokenizer.json"), file);
            Tokenizer tokenizer = Tokenizer.load(folder);

            assertThat(tokenizer.encodePrompt("abc")).containsExactly(20, 10);
            assertThat(tokenizer.encodePrompt("<end>abc")).containsExactly(20, 10);
            assertThat(tokenizer.encodePrompt("")).containsExactly(20);
            assertThat(tokenizer.encode("abc")).containsExactly(10);
        }
        assertThat(tokenizer(MERGES).encodePrompt("abc")).containsExactly(10);
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> Tokenizer.load(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("no such file: " + folder.resolve("tokenizer.json"));
    }

    private Tokenizer tokenizer(String merges) throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), FILE.formatted(merges));
        return Tokenizer.load(folder);
    }

    private static int[] numbers(String text) {
        return Pattern.compile(" ")
                .splitAsStream(text)
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
