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

    @Test
    void spaceMayPrecedeTheBraceAndANumberNeedsNone() {
        assertThat(FinalAnswer.of("So \\boxed {5}.")).hasValue("5");
        assertThat(FinalAnswer.of("So \\boxed\n{5}.")).hasValue("5");
        assertThat(FinalAnswer.of("\\boxed 5")).hasValue("5");
        assertThat(FinalAnswer.of("So $\\boxed -5.2$.")).hasValue("-5.2");
        assertThat(FinalAnswer.of("So \\boxed 52. Done.")).hasValue("52");
        assertThat(FinalAnswer.of("So \\boxed B.")).hasValue("B");
        assertThat(FinalAnswer.of("\\boxed{4} or \\boxed 5")).hasValue("5");
    }

    @Test
    void namingTheCommandAfterwardsIsNoBox() {
        assertThat(FinalAnswer.of("So \\boxed{5}. (Given in \\boxed as asked.)"))
                .hasValue("5");
        assertThat(FinalAnswer.of("So \\boxed{5}, within `\\boxed`.")).hasValue("5");
        assertThat(FinalAnswer.of("Use \\boxed as asked.")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "The answer is 5.",
                "\\fbox{5}",
                "\\boxed 5x",
                "\\boxed 5 + 3",
                "\\boxed 5 million",
                "\\boxed{5}. Rather \\boxed 6x",
                "\\boxed{5}. Rather \\boxed six",
                "\\boxed{5}. So \\boxed",
                "\\boxedx{5}",
                "\\boxed{5} or \\boxed{6",
                "\\boxed{\\{5}",
                "\\boxed",
            })
    void responseWithoutAClosedLastBoxHasNoAnswer(String response) {
        assertThat(FinalAnswer.of(response)).isEmpty();
    }
}
