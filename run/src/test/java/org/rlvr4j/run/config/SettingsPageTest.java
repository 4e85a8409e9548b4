package org.rlvr4j.run.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.eval.PromptSettings;
import org.rlvr4j.rl.Axis;
import org.rlvr4j.rl.Method;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The page of settings against the settings. */
class SettingsPageTest {

    private static final Path PAGES = Path.of("docs");

    @Test
    void everySettingIsOnThePage() throws IOException {
        String page = Files.readString(PAGES.resolve("settings.md"));

        assertThat(Stream.of(
                                RunConfig.class,
                                MethodChoice.class,
                                RunConfig.Start.Checkpoint.class,
                                RunConfig.Start.Random.class,
                                ProblemSets.Files.class,
                                ProblemSets.Sums.class,
                                ProblemSets.Words.class,
                                WarmUpSetting.Taught.class,
                                Demonstrations.class,
                                SupervisedConfig.class,
                                RunConfig.Training.class,
                                SolvedBetween.class,
                                Measuring.class,
                                PromptSettings.class)
                        .flatMap(type -> Stream.of(type.getRecordComponents()))
                        .map(RecordComponent::getName))
                .allSatisfy(name -> assertThat(page).containsPattern("[`.]" + name + "[`.]"));
        for (Axis axis : Axis.values()) {
            assertThat(page).contains("`" + axis + "`");
            for (Method.Algorithm algorithm : Method.Algorithm.values()) {
                assertThat(axis.settings(algorithm.paper()).keySet())
                        .allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"training, training", "evaluation, evaluation", "demonstrations, demonstrations", "supervised, sft"})
    void defaultsAreThoseOfThePage(String section, String heading) throws IOException {
        String page = Files.readString(PAGES.resolve("settings.md"));
        List<String> rows = page.substring(page.indexOf("\n## " + heading + "\n") + 4)
                .lines()
                .takeWhile(line -> !line.startsWith("## "))
                .filter(line -> line.startsWith("| `"))
                .toList();

        defaults().path(section).properties().forEach(setting -> assertThat(rows)
                .anySatisfy(row -> {
                    String[] cells = row.split("\\|", -1);
                    List<String> names = List.of(cells[1].strip().split(" ", -1));
                    assertThat(names).contains("`" + setting.getKey() + "`");
                    String shown = cells[2].strip().split(" ", -1)[names.indexOf("`" + setting.getKey() + "`")];
                    assertThat(new YAMLMapper().readTree(shown.replace("`", "")))
                            .isEqualTo(setting.getValue());
                }));
    }

    @Test
    void everyKindOfRewardIsOnItsPage() throws IOException {
        String page = Files.readString(PAGES.resolve("rewards.md"));

        assertThat(RewardSetting.KINDS).allSatisfy(kind -> assertThat(page).contains("| `" + kind + "` |"));
    }

    private static JsonNode defaults() throws IOException {
        return new YAMLMapper()
                .readTree(Files.readString(Path.of("run/src/main/resources/org/rlvr4j/run/config/defaults.yaml")));
    }
}
