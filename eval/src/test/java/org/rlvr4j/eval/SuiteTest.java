package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.data.Problem;

class SuiteTest {

    @ParameterizedTest
    @CsvSource({
        "qwen_math500, MATH-500",
        "qwen_amc2023, AMC-23",
        "qwen_aime_2024, AIME-24",
        "aime25, AIME-25",
        "gsm8k_test, GSM8K",
        "openai/gsm8k, GSM8K",
        "gsm8k_hard, gsm8k_hard"
    })
    void suiteHasTheUsualNameOfItsDataSource(String source, String name) {
        assertThat(Suite.name(source)).isEqualTo(name);
    }

    @Test
    void fileIsSplitByDataSource(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("mixed.jsonl"), """
            {"prompt": "a?", "answer": "1", "source": "qwen_aime_2024"}
            {"prompt": "b?", "answer": "2", "source": "mine"}
            {"prompt": "c?", "answer": "3", "source": "qwen_aime_2024"}
            """);

        assertThat(Suite.load(file)).extracting(Suite::name).containsExactly("AIME-24", "mine");
        assertThat(Suite.load(file).getFirst().problems())
                .extracting(Problem::id)
                .containsExactly("1", "3");
    }
}
