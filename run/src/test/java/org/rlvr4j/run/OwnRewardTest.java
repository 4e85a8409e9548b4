package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.config.RunConfig;

/** A training with a user's own reward: from a source file, failing and resumed, and from a program. */
class OwnRewardTest {

    private static final String SOURCE = """
        import org.rlvr4j.data.Problem;
        import org.rlvr4j.eval.*;
        public class MyReward implements Verifier {
            public Verdict verify(Problem problem, Answer answer) {
                if (java.nio.file.Files.exists(java.nio.file.Path.of("FLAG"))) throw new IllegalStateException("flagged");
                return Verdict.of(answer.tokens().length % 2 == 0);
            }
        }
        """;

    @TempDir
    private Path folder;

    @Test
    void partsAreLoggedAndAddedUp() throws IOException {
        write(SOURCE);
        var parts = new ArrayList<Trainer.Step>();

        Training.of(config("once", "[{java: SOURCE, weight: 2}, {length: {from: 0, to: 8}, weight: 0.5}]"))
                .run(new RunListener() {
                    @Override
                    public void stepped(Name run, Trainer.Step step) {
                        parts.add(step);
                    }
                });

        assertThat(parts).hasSize(2).allSatisfy(step -> {
            assertThat(step.parts()).containsOnlyKeys("MyReward", "length");
            assertThat(step.metrics().reward())
                    .isCloseTo(
                            2 * step.parts().getOrDefault("MyReward", 9.0)
                                    + 0.5 * step.parts().getOrDefault("length", 9.0),
                            within(1e-12));
            assertThat(step.metrics().accuracy()).isEqualTo(step.parts().get("MyReward"));
        });
        assertThat(metrics("once")).contains("\"reward/MyReward\":", "\"reward/length\":");
    }

    @Test
    void failureLosesNothingAndTheSameCommandGoesOn() throws IOException {
        write(SOURCE);
        Training.of(config("whole", "[{java: SOURCE}]")).run(RunListener.SILENT);
        var failing = Training.of(config("failing", "[{java: SOURCE}]"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> failing.run(new RunListener() {
                    @Override
                    public void stepped(Name run, Trainer.Step step) {
                        flag(true);
                    }
                }))
                .withMessageMatching("DCPO, seed 1: the reward MyReward, on problem \\S+ and response \".*\", failed:"
                        + " java.lang.IllegalStateException: flagged \\(line 5 of MyReward.java\\);"
                        + " what was learned by step 1 is saved, and the same command goes on from"
                        + " there");

        flag(false);
        failing.run(RunListener.SILENT);
        assertThat(metrics("failing")).isEqualTo(metrics("whole"));
    }

    @Test
    void changedSourceIsAnotherReward() throws IOException {
        write(SOURCE);
        Training.of(config("changed", "[{java: SOURCE}]")).run(RunListener.SILENT);
        write(SOURCE.replace("% 2", "% 3"));

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Training.of(config("changed", "[{java: SOURCE}]")).run(RunListener.SILENT))
                .withMessageContaining("was made with another version of the reward's code");
    }

    @Test
    void programGivesItsOwnVerifier() throws IOException {
        var training = Training.of(config("program", "null"))
                .rewardedBy("short", (_, answer) -> Verdict.of(1.0 / (1 + answer.tokens().length)));

        training.run(RunListener.SILENT);

        assertThat(metrics("program")).contains("\"reward/short\":");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Training.of(config("program", "[boxed]")).rewardedBy("short", (_, _) -> Verdict.of(true)))
                .withMessage("the configuration has a reward, so the program cannot give another");
    }

    private void write(String source) throws IOException {
        Files.writeString(
                folder.resolve("MyReward.java"),
                source.replace("FLAG", folder.resolve("flag").toString()));
    }

    private void flag(boolean raised) {
        try {
            if (raised) {
                Files.createFile(folder.resolve("flag"));
            } else {
                Files.delete(folder.resolve("flag"));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String metrics(String output) throws IOException {
        return Files.readString(folder.resolve(output).resolve("DCPO/seed-1/metrics.jsonl"));
    }

    private RunConfig config(String output, String reward) {
        return TrainingTest.tiny(
                folder.resolve(output),
                "methods=[DCPO]",
                "reward="
                        + reward.replace(
                                "SOURCE", folder.resolve("MyReward.java").toString()),
                "training.saveEverySteps=2");
    }
}
