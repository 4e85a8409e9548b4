package org.rlvr4j.run.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableTest {

    private static final Table TABLE = new Table(
            "After 20 steps",
            List.of("method", "Avg@1", "a|b"),
            List.of(List.of("GRPO", "81.2 ± 1.4", "x"), List.of("DCPO", ".9", "|")));

    @Test
    void consoleFormIsAligned() {
        assertThat(TABLE.toText()).isEqualTo("""
            After 20 steps
            method       Avg@1  a|b
            ------  ----------  ---
            GRPO    81.2 ± 1.4  x
            DCPO            .9  |
            """);
    }

    @Test
    void markdownFormIsAlignedAndEscaped() {
        assertThat(TABLE.toMarkdown()).isEqualTo("""
            | method |      Avg@1 | a\\|b |
            | ------ | ---------: | ---- |
            | GRPO   | 81.2 ± 1.4 | x    |
            | DCPO   |         .9 | \\|   |
            """);
    }

    @Test
    void tableWithoutRowsOrCaptionIsItsHead() {
        assertThat(new Table("", List.of("a", "bc"), List.of()).toText()).isEqualTo("a  bc\n-  --\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "-1", "+1.5", ".53", "-.5", "81.2 ± 1.4", "2.5e-3", "1,024", "-", "–", "", "88 %"})
    void numbersAndDashesAreNumeric(String cell) {
        assertThat(new Table("", List.of("a"), List.of(List.of(cell))).isNumeric(0))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GRPO", "a1", "--", ".", "k3"})
    void wordsAreNotNumeric(String cell) {
        assertThat(new Table("", List.of("a"), List.of(List.of("1"), List.of(cell))).isNumeric(0))
                .isFalse();
    }

    @Test
    void rowMustFitTheColumns() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Table("T", List.of("a", "b"), List.of(List.of("1"))))
                .withMessage("a row of table \"T\" has 1 cells for 2 columns: [1]");
    }
}
