package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.run.Interruption;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.files.SealedFolder;

/** A run that was asked to end early, wherever that met it, saves what it has made and goes on to the same bytes. */
@ExtendWith(TinyStart.class)
class InterruptionTest {

    /** Some steps are saved and not measured, some measured and not saved, some neither. */
    private static final String[] SETTINGS = {"training.saveEverySteps=2", "evaluation.everySteps=3"};

    private static final int STEPS = 6;

    private final TinyRun tiny;

    @TempDir
    private Path folder = Path.of("");

    InterruptionTest(TinyRun tiny) {
        this.tiny = tiny;
    }

    @Tag("full")
    @Test
    void interruptedAnywhereItGoesOnToTheSameBytes() throws IOException {
        Path whole = folder.resolve("whole");
        train(whole, Integer.MAX_VALUE);
        Map<String, String> expected = TinyRun.result(whole, "DAPO", STEPS);
        int interrupted = 0;

        for (int look = 1; ; look += 13) {
            Path parts = folder.resolve("parts-" + look);
            try {
                train(parts, look);
                break; // it had ended before
            } catch (Interruption.EarlyEnd e) {
                interrupted++;
                requireSaved(parts, String.valueOf(e.getMessage()));
            }
            train(parts, Integer.MAX_VALUE);
            assertThat(TinyRun.result(parts, "DAPO", STEPS))
                    .as("interrupted at " + look)
                    .isEqualTo(expected);
        }

        assertThat(interrupted).isGreaterThan(STEPS);
    }

    /** What the sentence says is so. */
    private static void requireSaved(Path output, String sentence) throws IOException {
        assertThat(sentence).containsAnyOf("interrupted before the first step", "interrupted after step");
        Path run = TinyRun.folder(output, "DAPO");
        if (sentence.contains("is saved: the same command goes on from there")) {
            String step = sentence.replaceAll("\\D*1: interrupted after step (\\d+).*", "$1");
            assertThat(SealedFolder.damage(run.resolve("checkpoints/step-" + step)))
                    .isEmpty();
            assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(Integer.parseInt(step));
        } else {
            assertThat(run.resolve("checkpoints")).doesNotExist();
        }
    }

    /** @param look at the clock, or part of a step, with which the wish to end comes */
    private void train(Path output, int look) {
        var interruption = new Interruption();
        var looks = new AtomicInteger();
        Runnable looking = () -> {
            if (looks.incrementAndGet() == look) {
                interruption.request();
            }
        };
        List<String> settings = tiny.arguments(output, "DAPO", SETTINGS).stream()
                .filter(argument -> argument.startsWith("--set="))
                .map(argument -> argument.substring("--set=".length()))
                .toList();
        RunConfig config = RunConfig.read(Path.of("configs/tiny.yaml"), List.of(), settings);
        Training.of(config)
                .until(interruption)
                .timedBy(() -> {
                    looking.run();
                    return 0;
                })
                .run(new RunListener() {
                    @Override
                    public void advanced(Part part) {
                        looking.run();
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    @DisabledOnOs(OS.WINDOWS)
    void signalEndsTheProcessWithinSeconds(String signal) throws Exception {
        assumeTrue(signal.equals("TERM") || !ignoresInterrupts(), "a shell's job in the background is deaf to Ctrl-C");
        Path output = folder.resolve("run");
        Path printed = folder.resolve("printed.txt");
        Path metrics = TinyRun.folder(output, "GSPO").resolve("metrics.jsonl");
        Process process = TinyRun.start(
                TinyRun.command(
                        tiny.arguments(output, "GSPO", "training.steps=100000", "training.saveEverySteps=100000"),
                        TinyRun.PLAIN_LOOPS),
                printed);
        try (var _ = (AutoCloseable) process::destroyForcibly) {
            requireInterruption(process, signal, printed, metrics);
        }
        int made = Files.readAllLines(metrics).size();
        assertThat(TinyRun.execute(tiny.arguments(output, "GSPO", "training.steps=" + (made + 1))))
                .contains("resumes after step " + made + " ");
    }

    private static void requireInterruption(Process process, String signal, Path printed, Path metrics)
            throws Exception {
        while (process.isAlive() && !(Files.exists(metrics) && Files.size(metrics) > 0)) {
            TimeUnit.MILLISECONDS.sleep(20);
        }

        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(printed)).isEqualTo(130);
        assertThat(Files.readAllLines(printed).getLast())
                .matches("rlvr4j: GSPO, seed 1: interrupted after step \\d+, which is saved: .*");
    }

    /** Whether this process, and so its children, were started with SIGINT ignored. */
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
    }
}
