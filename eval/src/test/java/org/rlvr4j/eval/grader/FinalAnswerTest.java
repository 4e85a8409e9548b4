package org.rlvr4j.eval.grader;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FinalAnswerTest {

    @Test
    void lastBoxCountsWithBracesInsideAndTextAfter() {
        assertThat(FinalAnswer.of("First \\boxed{1}, then \\boxed{\\frac{1}{2}}}. Done {}."))
                .hasValue("\\frac{1}{2}");
        assertThat(FinalAnswer.of("\\boxed{ 5 }")).hasValue(" 5 ");
    }

    @Test
    void innerBoxOfNestedBoxesIsTheLast() {
        assertThat(FinalAnswer.of("\\boxed{a \\boxed{5}}")).hasValue("5");
    }

    @Test
    void emptyBoxIsAnAnswer() {
        assertThat(FinalAnswer.of("\\boxed{5} or rather \\boxed{}")).hasValue("");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "The answer is 5.",
                "\\fbox{5}",
                "\\boxed 5",
                "\\boxed {5}",
                "\\boxedx{5}",
                "\\boxed{5} or \\boxed{6",
                "\\boxed{\\{5}",
                "\\boxed",
            })
    void responseWithoutAClosedLastBoxHasNoAnswer(String response) {
        assertThat(FinalAnswer.of(response)).isEmpty();
    }
}
