package org.rlvr4j.eval.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Protocol;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.eval.reward.HarnessVerifier.Filter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** GSM8K's verdicts beside those of lm-evaluation-harness, which {@code scripts/golden/gsm8k_harness.py} wrote. */
class HarnessVerifierTest {

    private static final Path GOLDEN = Path.of("eval/src/test/resources/golden/gsm8k/harness.jsonl");
    private static final Protocol ENDS =
            new Protocol(Protocol.Form.CHAT, "", "", List.of(), List.of("Question:", "</s>", "<|im_end|>"));

    static Stream<JsonNode> cases() throws IOException {
        return Files.readAllLines(GOLDEN).stream().skip(1).map(new JsonMapper()::readTree);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void verdictIsThatOfThePackage(JsonNode each) {
        for (Filter filter : Filter.values()) {
            JsonNode expected = each.get(filter == Filter.STRICT_MATCH ? "strict-match" : "flexible-extract");

            Verdict verdict = verdict(new HarnessVerifier(filter), each);

            assertThat(verdict.correct())
                    .as("%s of %s", filter, each)
                    .isEqualTo(expected.get("match").asBoolean());
            assertThat(verdict.answered())
                    .isNotEqualTo(expected.get("found").asString().equals("[invalid]"));
        }
    }

    @Test
    void casesAreOfAllKinds() throws IOException {
        List<String> kinds = cases().map(
                        each -> each.get("strict-match").get("match").asString() + " "
                                + each.get("flexible-extract").get("match").asString())
                .distinct()
                .toList();

        assertThat(kinds).containsExactlyInAnyOrder("true true", "true false", "false true", "false false");
        assertThat(cases()).hasSizeGreaterThan(60);
    }

    /** The verifier {@code number} compares values and looks behind a mark first; these are all it judges otherwise. */
    @Test
    void numberDiffersFromFlexibleExtractWhereValuesDifferFromLetters() throws IOException {
        List<String> differing = cases().filter(
                        each -> verdict(new NumberVerifier(false), each).correct()
                                != each.get("flexible-extract").get("match").asBoolean())
                .map(each -> each.get("response").asString())
                .toList();

        assertThat(differing)
                .containsExactly(
                        "#### 18.0", // values: 18.0 is 18
                        "#### 18.00",
                        "#### 18\n\nThat is 2 more than 16.", // the mark comes before the last number
                        "The answer is $18.00.",
                        "The answer is 18..", // one full stop at the end is not in the way of letters, two are
                        "The answer is 18...",
                        "The answer is 18 ...", // "..." is its last number
                        "18 ,,",
                        "$$ 18 $$",
                        "#### 7,0000", // commas are removed wherever they stand; number wants groups of three
                        "It takes 2.50 hours.",
                        "#### 0.5",
                        "half, or .5",
                        "$1,000,000.00");
    }

    @ParameterizedTest
    @EnumSource
    void truthWithoutANumberIsRefused(Filter filter) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HarnessVerifier(filter).check(problem("blue")))
                .withMessage((filter == Filter.STRICT_MATCH ? "strict-match" : "flexible-extract")
                        + " cannot judge problem test/1, as there is no number in its answer blue");
    }

    private static Verdict verdict(Verifier verifier, JsonNode each) {
        String solution = each.get("solution").asString();
        String truth = solution.substring(solution.lastIndexOf("####") + 4).strip();
        return verifier.verify(
                problem(truth), Answer.of(ENDS.ended(each.get("response").asString())));
    }

    private static Problem problem(String truth) {
        return new Problem("1", "test", List.of(new Message("user", "How many?")), List.of(truth));
    }
}
