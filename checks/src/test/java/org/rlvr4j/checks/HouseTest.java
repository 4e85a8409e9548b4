package org.rlvr4j.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.palantir.javaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class HouseTest {

    /** Raised only by a decision record that says what the lines buy (docs/decisions). */
    private static final long SIZE_BUDGET = 12_320;

    private final SourceTree tree = new SourceTree(Path.of(""));

    @Test
    void everySourceIsFormatted() throws IOException, FormatterException {
        assertThat(tree.unformatted())
                .as("run: mvn -q process-classes -Pformat")
                .isEmpty();
    }

    @Test
    void engineToEvaluationStaysWithinTheSizeBudget() throws IOException {
        long lines = tree.linesOfCode("tensor", "model", "rl", "eval", "data");

        System.out.println("Size: " + lines + " of " + SIZE_BUDGET + " lines of code in tensor, model, rl, eval, data");
        assertThat(lines).isLessThanOrEqualTo(SIZE_BUDGET);
    }
}
