package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.rl.Group;
import org.rlvr4j.rl.Response;
import org.rlvr4j.rl.Trainer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SamplesTest {

    private static final int PROMPTS = 2;
    private static final int COMPLETIONS = 4;
    private static final int HELD_BACK = 3;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void firstGroupsOfEveryStepAreKeptWithRewardsAndAdvantages() throws IOException {
        var steps = new ArrayList<Trainer.Step>();
        train(steps, "training.groupSize=6");

        List<JsonNode> lines =
                lines().stream().filter(line -> !line.has("evaluation")).toList();

        assertThat(lines).hasSize(2 * PROMPTS);
        for (int i = 0; i < lines.size(); i++) {
            JsonNode line = lines.get(i);
            Trainer.Step step = steps.get(i / PROMPTS);
            int index = i % PROMPTS;
            Group group = step.rollout().selected().get(index);
            assertThat(line.path("step").asInt()).isEqualTo(i / PROMPTS + 1);
            assertThat(line.path("problem").asString())
                    .isEqualTo(group.problem().key());
            assertThat(line.path("prompt").asString())
                    .contains(group.problem().prompt().getFirst().content())
                    .contains("<|im_start|>");
            assertThat(line.path("answers").get(0).asString())
                    .isEqualTo(group.problem().answers().getFirst());
            assertThat(line.path("completions")).hasSize(COMPLETIONS);
            for (int j = 0; j < COMPLETIONS; j++) {
                JsonNode completion = line.path("completions").get(j);
                Response response = group.responses().get(j);
                assertThat(completion.path("text").asString()).isEqualTo(response.text());
                assertThat(completion.path("tokens").asInt())
                        .isEqualTo(response.completion().length());
                assertThat(completion.path("truncated").asBoolean())
                        .isEqualTo(response.completion().isTruncated());
                assertThat(completion.path("reward").asDouble()).isEqualTo(response.reward());
                assertThat(completion.path("correct").asBoolean())
                        .isEqualTo(response.verdict().correct());
                assertThat(completion.path("advantage").asDouble())
                        .isEqualTo(step.batch().advantages()[6 * index + j]);
            }
        }
    }

    @Test
    void greedyAnswersToTheFirstHeldBackProblemsAreKeptBeforeInBetweenAndAfter() throws IOException {
        train(new ArrayList<>(), "evaluation.everySteps=1");

        List<JsonNode> lines =
                lines().stream().filter(line -> line.has("evaluation")).toList();

        assertThat(lines).extracting(line -> line.path("step").asInt()).containsExactly(0, 0, 0, 1, 1, 1, 2, 2, 2);
        assertThat(lines.stream().map(line -> line.path("problem").asString()).distinct())
                .hasSize(HELD_BACK);
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.path("suite").asString()).isEqualTo("sums");
            assertThat(line.path("completions")).hasSize(1);
            assertThat(line.path("completions").get(0).has("reward")).isFalse();
        });
    }

    private void train(List<Trainer.Step> steps, String... settings) {
        Training.of(TrainingTest.tiny(folder, settings)).timedBy(() -> 0).run(new RunListener() {
            @Override
            public void stepped(Name run, Trainer.Step step) {
                steps.add(step);
            }
        });
    }

    private List<JsonNode> lines() throws IOException {
        var json = new JsonMapper();
        return Files.readAllLines(folder.resolve("DCPO/seed-1/samples.jsonl")).stream()
                .map(json::readTree)
                .toList();
    }
}
