package org.rlvr4j.run.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.eval.Protocol;

/** Settings of evaluations, those of before suites had protocols included. */
class EvalSettingsTest {

    private static final String OLD = """
        build: 1a80a27
        arithmetic: VectorBackend
        model: mine
        weights: {}
        adapter: {}
        tokenizer: {}
        problems: {}
        suites:
          GSM8K: 2
          MATH-500: 3
        sampled: [GSM8K]
        greedy: { samples: 1, temperature: 0.0, topK: 0, topP: 1.0, maxNewTokens: 8, seed: 0 }
        sampling: { samples: 4, temperature: 1.0, topK: 0, topP: 1.0, maxNewTokens: 8, seed: 1 }
        stopTokens: [0]
        template: x
        prompts: {}
        """;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void rewardOfOldSettingsJudgesEverySuite() throws IOException {
        EvalSettings settings = read(OLD + "reward: [{ number: { strict: true }, weight: 2.0 }]\nrewardCode: abc\n");

        for (String suite : settings.suites().keySet()) {
            assertThat(settings.verifier(suite))
                    .singleElement()
                    .satisfies(part -> assertThat(part.kind().getKey()).isEqualTo("number"))
                    .satisfies(part -> assertThat(part.weight()).isEqualTo(2));
        }
        assertThat(settings.rewardCode()).isEqualTo("abc");
    }

    @Test
    void oldSettingsWithoutARewardAreJudgedByTheGrader() throws IOException {
        for (String reward : new String[] {"", "reward: null\n"}) {
            EvalSettings settings = read(OLD + reward);

            assertThat(settings.verifier("GSM8K")).isNull();
            assertThat(settings.protocol("GSM8K")).isEqualTo(Protocol.PLAIN);
        }
    }

    private EvalSettings read(String yaml) throws IOException {
        Files.writeString(folder.resolve(EvalSettings.FILE), yaml);
        return EvalSettings.read(folder);
    }
}
