package org.rlvr4j.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NormalFormTest {

    /** Marks of many classes, of none (U+034F), of two characters (U+0344, U+0F73), and a vowel with a mark (U+0DDA). */
    private static final String MARKS =
            "\u0300\u0301\u0308\u031b\u0323\u0327\u0334\u0345\u034f\u0344\u05b0\u0f71\u0f72\u0f73\u0dda\u094d\u3099";

    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "e\u0301, é",
        "xe\u0301\u0323y, xẹ\u0301y",
        "a\u0301 e\u0301, á é",
        "\u1112\u1161\u11ab, 한",
        "\u212b\u2019e\u0301, Å\u2019é",
        "a\u0897\u0301, a\u0897\u0301", // of Unicode 16, so that models never saw it as a mark
    })
    void textIsComposed(String text, String composed) {
        assertThat(NormalForm.compose(text)).isEqualTo(composed);
    }

    @ParameterizedTest
    @ValueSource(ints = {99, 100, 101, 400})
    void runsOfMarksOfAnyLengthBecomeWhatUnicodeSays(int length) {
        var random = new SplittableRandom(length);
        for (int repetition = 0; repetition < 100; repetition++) {
            var text = new StringBuilder("ae");
            for (int i = 0; i < length; i++) {
                text.append(MARKS.charAt(random.nextInt(MARKS.length())));
            }

            assertThat(NormalForm.compose(text + "e\u0301"))
                    .isEqualTo(Normalizer.normalize(text + "e\u0301", Normalizer.Form.NFC));
        }
    }

    @Test
    @Timeout(20) // seconds; with quadratic time it would be an hour
    void aVeryLongRunOfMarksTakesLinearTime() {
        int n = 1_000_000;

        assertThat(NormalForm.compose("a" + "\u0301\u0323".repeat(n)))
                .isEqualTo("ạ" + "\u0323".repeat(n - 1) + "\u0301".repeat(n));
    }
}
