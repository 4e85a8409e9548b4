package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.run.files.Sha256;

/** Trainings in which each seed has a start of its own. */
class StartsTest {

    private static final List<String> RUN_FILES = List.of("metrics.jsonl", "evaluations.jsonl");

    @TempDir
    private Path folder = Path.of("");

    private final List<String> said = new ArrayList<>();

    @Test
    void eachSeedStartsFromItsOwnWarmUp() {
        Results each = run("each", "warmUp.eachSeed=true", "seeds=[1,2]");
        run("first", "warmUp.seed=7", "seeds=[1]");
        run("second", "warmUp.seed=8", "seeds=[2]");

        for (String method : List.of("GRPO", "RLOO")) {
            for (String file : RUN_FILES) {
                assertSame("each/" + method + "/seed-1/" + file, "first/" + method + "/seed-1/" + file);
                assertSame("each/" + method + "/seed-2/" + file, "second/" + method + "/seed-2/" + file);
            }
        }
        assertSame("each/start-1/model.safetensors", "first/start/model.safetensors");
        assertSame("each/start-2/model.safetensors", "second/start/model.safetensors");
        assertSame("each/warm-up-2.jsonl", "second/warm-up.jsonl");
        assertThat(Sha256.of(folder.resolve("each/start-1/model.safetensors")))
                .isNotEqualTo(Sha256.of(folder.resolve("each/start-2/model.safetensors")));
        assertThat(each.runs())
                .extracting(run -> run.method() + run.seed())
                .containsExactly("GRPO1", "GRPO2", "RLOO1", "RLOO2");
        assertThat(each.before()).extracting(Evaluation::suite).containsExactly("sums", "sums");
        assertThat(folder.resolve("each/report.html")).content().contains("each, seed 1", "each, seed 2");
    }

    @Test
    void seedsThatAreAddedLeaveTheOthersAsTheyAre() throws Exception {
        run("grown", "warmUp.eachSeed=true", "seeds=[1]", "training.saveEverySteps=1");
        Path weights = folder.resolve("grown/start-1/model.safetensors");
        var written = Files.getLastModifiedTime(weights);
        run("grown", "warmUp.eachSeed=true", "seeds=[1,2]", "training.saveEverySteps=1");
        run("whole", "warmUp.eachSeed=true", "seeds=[1,2]", "training.saveEverySteps=1");

        assertThat(Files.getLastModifiedTime(weights)).isEqualTo(written);
        assertThat(said).noneMatch(sentence -> sentence.contains("made again"));
        assertSame("grown/results.jsonl", "whole/results.jsonl");
        assertSame("grown/RLOO/seed-2/metrics.jsonl", "whole/RLOO/seed-2/metrics.jsonl");
    }

    private Results run(String output, String... settings) {
        String[] all = Stream.concat(
                        Stream.of("methods=[{algorithm: GRPO}, {algorithm: GRPO, name: RLOO, change: {ADVANTAGE:"
                                + " RLOO}}]"),
                        Stream.of(settings))
                .toArray(String[]::new);
        return Training.of(TrainingTest.tiny(folder.resolve(output), all)).run(new RunListener() {
            @Override
            public void message(String sentence) {
                said.add(sentence);
            }
        });
    }

    private void assertSame(String one, String other) {
        assertThat(folder.resolve(one)).hasSameBinaryContentAs(folder.resolve(other));
    }
}
