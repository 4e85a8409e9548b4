package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.report.RunFailure;
import org.rlvr4j.run.report.Table;

/** A method that fails while the others go on: DAPO finds no group with a right answer, which the model cannot give. */
class FailedRunTest {

    private static final String DAPO = "{name: DAPO, algorithm: DAPO, preset: PAPER, change: {}}";
    private static final String GRPO = "{name: GRPO, algorithm: GRPO, preset: PAPER, change: {}}";
    private static final String DCPO = "{name: DCPO, algorithm: DCPO, preset: PAPER, change: {}}";
    private static final String REASON =
            "after 100 rounds of generation only 0 of 4 groups have both right and wrong answers; choose other"
                + " problems, or another reward: no response counted as right, which is all that this filter looks at,"
                + " and a reward that is a number counts from 1 on";

    @TempDir
    private Path folder = Path.of("");

    private final List<String> warnings = new ArrayList<>();
    private final List<String> stepped = new ArrayList<>();

    @Test
    void othersGoOnAndARowSaysWhy() throws IOException {
        Results results = train(GRPO, DAPO, DCPO);

        assertThat(results.runs()).extracting(RunResult::method).containsExactly("GRPO", "DCPO");
        assertThat(results.failures()).containsExactly(new RunFailure("DAPO", 1, REASON));
        assertThat(warnings).containsExactly("DAPO, seed 1 failed: " + REASON);
        assertThat(results.tables())
                .extracting(Table::caption)
                .last()
                .asString()
                .startsWith("Failed");
        assertThat(results.tables().getFirst().rows().get(1)).containsExactly("DAPO", "–", "–", "–", "–", "–", "–");
        assertThat(results.tables().get(1).rows()).extracting(List::getFirst).containsExactly("DCPO");
        assertThat(results.tables().getLast().rows()).containsExactly(List.of("DAPO, seed 1", REASON));
        assertThat(Files.readAllLines(folder.resolve("results.jsonl")))
                .hasSize(3)
                .last()
                .isEqualTo("{\"method\":\"DAPO\",\"seed\":1,\"failed\":\"" + REASON + "\"}");
        assertThat(folder.resolve("report.html")).content().contains("<td>" + REASON + "</td>");
    }

    @Test
    void whatComesAfterAFailureIsTheSameAsWithoutIt() {
        List<RunResult> alone = train(DCPO).runs();

        assertThat(train(DAPO, DCPO).runs()).isEqualTo(alone);
    }

    @Test
    void sameCommandTriesAgainWhatFailed() {
        train(GRPO, DAPO);
        stepped.clear();
        warnings.clear();

        Results again = train(false, GRPO, DAPO);

        assertThat(stepped).as("steps of the finished method").isEmpty();
        assertThat(again.failures()).hasSize(1);
        assertThat(warnings).containsExactly("DAPO, seed 1 failed: " + REASON);
    }

    @Test
    void onlyMethodFailsAsAWhole() {
        assertThatThrownBy(() -> train(DAPO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(REASON);
    }

    @Test
    void resultIsThereIfEveryMethodFails() {
        Results results = train(DAPO, DAPO.replace("name: DAPO", "name: Other"));

        assertThat(results.runs()).isEmpty();
        assertThat(results.failures()).extracting(RunFailure::method).containsExactly("DAPO", "Other");
        assertThat(results.tables()).hasSize(2);
    }

    private Results train(String... methods) {
        return train(true, methods);
    }

    private Results train(boolean fresh, String... methods) {
        return Training.of(TrainingTest.tiny(
                        folder,
                        "methods=[" + String.join(", ", methods) + "]",
                        "training.maxNewTokens=4",
                        "training.saveEverySteps=1"))
                .fresh(fresh)
                .timedBy(() -> 0)
                .run(new RunListener() {
                    @Override
                    public void stepped(Name run, Trainer.Step step) {
                        stepped.add(run.toString());
                    }

                    @Override
                    public void warned(String sentence) {
                        warnings.add(sentence);
                    }
                });
    }
}
