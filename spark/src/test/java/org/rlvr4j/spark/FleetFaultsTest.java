package org.rlvr4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.Interruption;
import org.rlvr4j.run.RunListener;

/** Executors that are killed, trainings that go on with another number of them, and executors that cannot take part. */
class FleetFaultsTest {

    private static final String OPTIONS = "spark.executor.extraJavaOptions";
    private static final String OVERHEAD = "spark.executor.memoryOverhead";

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void home() {
        Runs.home();
    }

    @AfterEach
    void plainSettings() {
        List.of(Fleet.COLLECTED, Jobs.PATIENCE, OPTIONS, OVERHEAD).forEach(System::clearProperty);
    }

    @Test
    void killedExecutorsChangeNoByte() {
        Runs runs = Runs.tiny(folder, "methods=[DCPO]");
        var killer = new Killer();

        System.setProperty(Fleet.COLLECTED, "0"); // so that executors add up gradients, too
        runs.train("there", Runs.executors(2), killer, new Interruption());

        assertThat(killer.killed).containsExactly("rollout", "first update", "second update");
        assertThat(runs.digests("there")).isEqualTo(runs.digests("here", null));
    }

    @Test
    void trainingsGoOnWithAnyNumberOfExecutors() throws IOException {
        Runs runs = Runs.tiny(folder, "methods=[GSPO]", "training.steps=3", "training.saveEverySteps=100");
        var interruption = new Interruption();
        var stopping = new RunListener() {

            private int finished;
            private int parts;

            @Override
            public void stepped(Name run, Trainer.Step step) {
                finished++;
            }

            @Override
            public void advanced(Part part) {
                if (finished == 1 && part.phase() == Part.Phase.UPDATE && ++parts == 3) { // of four: the second update
                    interruption.request();
                }
            }
        };

        assertThatThrownBy(() -> runs.train("one", Runs.executors(2), stopping, interruption))
                .isInstanceOf(Interruption.EarlyEnd.class)
                .hasMessageContaining("step 2, which is saved");
        copy(runs.output("one"), runs.output("three"));

        Map<String, String> here = runs.digests("here", null);
        assertThat(runs.digests("one", Runs.executors(1))).isEqualTo(here);
        assertThat(runs.digests("three", Runs.executors(3))).isEqualTo(here);
    }

    @Test
    void executorsThatCannotTakePartAreRefusedInASentence() {
        Runs runs = Runs.tiny(folder, "methods=[GRPO]");

        System.setProperty(OVERHEAD, "64m");
        assertThatThrownBy(() -> runs.digests("small", Runs.executors(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("spark.executor.memoryOverhead is 64m, but a worker needs 0.");
        System.clearProperty(OVERHEAD);
        System.setProperty(OPTIONS, "-XX:TieredStopAtLevel=1");
        assertThatThrownBy(() -> runs.digests("slow", Runs.executors(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        "the worker 0 on \\S+ differs from the driver in its kernels \\(plain loops, because the"
                                + " optimizing compiler or its vector support is switched off; the driver: vector\\):"
                                + " start .*");
        System.setProperty(OPTIONS, "-Xss1"); // they die as they start
        System.setProperty(Jobs.PATIENCE, "8s");
        assertThatThrownBy(() -> runs.digests("dying", Runs.executors(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no worker has been there for 8 s")
                .hasMessageContaining("each needs 0.");
        assertThatThrownBy(() -> runs.digests("nobody", "flink"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("there are no workers flink");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }

    /** Kills an executor in each phase of a step, at the first sign of progress. */
    private static final class Killer implements RunListener {

        private final List<String> killed = new ArrayList<>();
        private int updates;

        @Override
        public void advanced(Part part) {
            if (part.phase() == Part.Phase.ROLLOUT && killed.isEmpty()) {
                kill("rollout");
            } else if (part.phase() == Part.Phase.UPDATE && updates < 2) {
                updates++;
                kill(updates == 1 ? "first update" : "second update");
            }
        }

        private void kill(String when) {
            ProcessHandle.current().children().findFirst().ifPresent(executor -> {
                executor.destroyForcibly();
                killed.add(when);
            });
        }
    }
}
