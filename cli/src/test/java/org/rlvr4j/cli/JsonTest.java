package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Results for programs: one JSON object on standard output, and nothing else there. */
class JsonTest {

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private static Path folder = Path.of("");

    private static TinyEvaluation tiny = new TinyEvaluation(folder);

    @BeforeAll
    static void evaluateOnce() throws IOException {
        tiny = TinyEvaluation.in(folder);
    }

    @Test
    void evaluationIsTheReport() throws IOException {
        List<String> arguments = tiny.arguments(folder.resolve("again"), "--json");
        TinyConsole console = TinyConsole.run("", arguments.toArray(String[]::new));

        JsonNode json = JSON.readTree(console.out());
        assertThat(json.propertyNames()).containsExactly("settings", "measures", "parts", "completions", "notes");
        assertThat(json).isEqualTo(JSON.readTree(Files.readString(folder.resolve("again/report.json"))));
        assertThat(json.get("measures").get(0).propertyNames()).contains("measure", "suite", "mean");
        assertThat(console.err()).contains("sums, Avg@5  30/30").doesNotContain("\"settings\"");
    }

    @Test
    void scoreIsTheReportWithTheVerdictsThatChanged() throws IOException {
        Path changed = TinyEvaluation.copy(tiny.finished(), folder.resolve("changed"));
        TinyEvaluation.rewrite(changed, dump -> dump.replaceFirst("\"UNBOXED\"", "\"EXACT\""));

        JsonNode json = json("score", changed.toString());

        assertThat(json.propertyNames())
                .containsExactly("settings", "measures", "parts", "completions", "notes", "changes");
        assertThat(json.get("changes").get(0).asString())
                .isEqualTo("sums/1, sample 0 at temperature 0.0: was EXACT, is UNBOXED");
    }

    @Test
    void comparisonIsItsDifferences() {
        JsonNode json =
                json("compare", tiny.finished().toString(), tiny.finished().toString());

        assertThat(json.propertyNames()).containsExactly("run", "settings", "differences");
        assertThat(json.get("differences").get(0).get("mean").asDouble()).isZero();
        assertThat(json.get("differences").get(0).get("excludesZero").asBoolean())
                .isFalse();
    }

    @Test
    void inspectionIsFactsAndBytes() {
        for (JsonNode json :
                List.of(json("inspect", "--model=" + tiny.model()), json("inspect", "configs/tiny.yaml", "--quick"))) {
            JsonNode memory = json.get("memory");
            assertThat(json.get("facts").get("parameters").asString()).contains("million");
            assertThat(memory.propertyNames()).containsExactly("of", "parts", "total", "machine", "fits");
            assertThat(memory.get("parts")
                            .valueStream()
                            .mapToLong(JsonNode::asLong)
                            .sum())
                    .isEqualTo(memory.get("total").asLong());
            assertThat(memory.get("fits").asBoolean()).isTrue();
        }
    }

    @Test
    void whatDoesNotFitIsSaidInBothWays() {
        TinyConsole console = TinyConsole.run(
                "",
                "inspect",
                "configs/tiny.yaml",
                "--json",
                "--set=training.maxSequences=100000000",
                "--set=training.groupSize=100000000");

        assertThat(console.exitCode()).isEqualTo(3);
        assertThat(JSON.readTree(console.out()).get("memory").get("fits").asBoolean())
                .isFalse();
        assertThat(console.err()).startsWith("rlvr4j: training needs ").hasLineCount(1);
    }

    @Test
    void devicesAreAList() {
        JsonNode cpu = json("devices").get("devices").get(0);

        assertThat(cpu.get("name").asString()).isEqualTo("cpu");
        assertThat(cpu.get("description").asString()).isNotEmpty();
    }

    @Test
    void trainingIsItsRuns() throws IOException {
        JsonNode json = json(training("json"));

        assertThat(json.propertyNames()).contains("runs", "report", "predictedMemory");
        assertThat(json.get("runs").get(0).propertyNames())
                .containsExactly("method", "seed", "avgAt1", "avgAt2", "rur", "tcr", "generatedResponses", "seconds");
        assertThat(Path.of(json.get("report").asString())).exists();
    }

    @Test
    void quietTrainingPrintsItsTableOnly() {
        var arguments = new ArrayList<>(List.of(training("quiet")));
        arguments.add("--quiet");
        TinyConsole console = TinyConsole.run("", arguments.toArray(String[]::new));

        assertThat(console.out()).startsWith("One seed; greedy accuracy before").contains("DCPO", "Report: ");
        assertThat(console.err()).isEmpty();
    }

    @Test
    void answersOfEachStepAreShownOnRequest() {
        var arguments = new ArrayList<>(List.of(training("shown")));
        arguments.add("--show=2");
        TinyConsole console = TinyConsole.run("", arguments.toArray(String[]::new));

        assertThat(console.out().lines().filter(line -> line.matches("step [12]: (\\d+\\+){2}\\d+=")))
                .hasSize(4);
        assertThat(console.out()
                        .lines()
                        .filter(line -> line.matches("  reward [+-]\\d\\.\\d\\d, advantage [+-]\\d\\.\\d\\d: .*")))
                .hasSize(4);
    }

    private static String[] training(String output) {
        var arguments = new ArrayList<>(List.of("train", "configs/tiny.yaml"));
        TinyCheckpoint.RUN.forEach(setting -> arguments.add("--set=" + setting));
        arguments.add("--set=output=" + folder.resolve(output));
        return arguments.toArray(String[]::new);
    }

    private static JsonNode json(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        TinyConsole console = TinyConsole.run("", all.toArray(String[]::new));
        assertThat(console.exitCode()).as(console.err()).isZero();
        return JSON.readTree(console.out());
    }
}
