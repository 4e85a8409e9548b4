package org.rlvr4j.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.rlvr4j.run.files.SealedFolder;

/**
 * Kills tiny training runs of all methods by SIGKILL again and again, has each go on, and compares what they end in with
 * runs that were never interrupted. Every other kill waits for a checkpoint that is being written.
 *
 * <p>{@code scripts/chaos.sh --kills 200 --seed 1}; its last line is the summary, its exit code 1 if anything differed.
 */
final class Chaos {

    private static final int STEPS = 6;
    private static final int PATIENCE_SECONDS = 300; // for a process that takes about two

    private final Path folder;
    private final SplittableRandom random;
    private final PrintStream out;
    private final TinyRun tiny;
    private final Map<String, Map<String, String>> expected = new TreeMap<>();
    private final Map<String, Integer> runs = new TreeMap<>();
    private long usualNanos = TimeUnit.SECONDS.toNanos(2); // until the first checkpoint; the others follow closely
    private int kills;
    private int whileWriting;
    private int resumes;
    private int ended;

    /** @param folder an empty one */
    Chaos(Path folder, long seed, PrintStream out) {
        this.folder = folder;
        this.random = new SplittableRandom(seed);
        this.out = out;
        this.tiny = TinyRun.in(folder);
        for (String method : TinyRun.METHODS) {
            Path output = folder.resolve(method + "-whole");
            TinyRun.execute(tiny.arguments(output, method));
            expected.put(method, TinyRun.result(output, method, STEPS));
            runs.put(method, 0);
        }
    }

    public static void main(String[] args) throws Exception {
        var options = Options.of(args, Map.of("kills", 200, "seed", 1));
        Path folder = Files.createTempDirectory("chaos");
        try {
            new Chaos(folder, options.get("seed"), System.out).kill(options.get("kills"));
        } catch (AssertionError e) {
            System.out.println("FAILED: " + e.getMessage());
            System.exit(1);
        } finally {
            SealedFolder.removeTree(folder);
        }
    }

    /** How many checkpoint writes a process was killed in. */
    int whileWriting() {
        return whileWriting;
    }

    /**
     * Kills so many times, one method after the other, and lets every run end.
     *
     * @return the summary
     * @throws AssertionError if a run could not be resumed, or ended in other bytes
     */
    String kill(int times) throws IOException, InterruptedException {
        while (kills < times) {
            for (int m = 0; m < TinyRun.METHODS.size() && kills < times; m++) {
                interrupt(TinyRun.METHODS.get(m), kills % 2 == 0);
            }
        }
        for (String method : TinyRun.METHODS) {
            OptionalInt before = newest(method);
            requireResumed(method, TinyRun.execute(tiny.arguments(output(method), method)), before);
            compare(method);
        }
        String summary = kills + " kills, " + whileWriting + " of them while a checkpoint was written; " + resumes
                + " resumes, none refused; " + ended + " runs of " + String.join(", ", TinyRun.METHODS)
                + " ended in the weights, moments, metrics and evaluations of the runs that were never interrupted";
        out.println(summary);
        return summary;
    }

    /** Starts a process that goes on with a method's run, and kills it unless it has ended by then. */
    private void interrupt(String method, boolean writing) throws IOException, InterruptedException {
        Path printed = folder.resolve(method + ".txt");
        OptionalInt before = newest(method);
        String leftBefore = left(method);
        long start = System.nanoTime();
        Process process = TinyRun.start(TinyRun.command(tiny.arguments(output(method), method)), printed);
        if (writing) {
            int skipped = random.nextInt(2); // not always the first
            for (int i = 0; i <= skipped; i++) {
                await(process, () -> unfinished(method).isEmpty());
                await(process, () -> unfinished(method).isPresent());
                usualNanos = i == 0 ? System.nanoTime() - start : usualNanos;
            }
            TimeUnit.MICROSECONDS.sleep(random.nextInt(10_000));
        } else {
            process.waitFor(random.nextLong(usualNanos * 3 / 2), TimeUnit.NANOSECONDS);
        }
        process.destroyForcibly();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError(method + ": a killed process does not end");
        }
        String text = Files.readString(printed);
        boolean killed = process.exitValue() != 0;
        if (killed && process.exitValue() < 128) {
            throw new AssertionError(method + " ended with exit code " + process.exitValue() + ": " + text);
        }
        if (text.contains("resumes") || !killed) {
            requireResumed(method, text, before);
        }
        if (killed) {
            kills++;
            whileWriting += left(method).equals(leftBefore) ? 0 : 1;
        } else {
            compare(method);
        }
        if (kills % 20 == 0) {
            out.println(
                    kills + " kills, " + whileWriting + " while a checkpoint was written; " + ended + " runs ended");
        }
    }

    private static void await(Process process, BooleanSupplier condition) throws InterruptedException {
        while (process.isAlive() && !condition.getAsBoolean()) {
            TimeUnit.MICROSECONDS.sleep(250);
        }
    }

    /** A kill damages nothing, so that a process has to go on from the newest checkpoint there was. */
    private void requireResumed(String method, String text, OptionalInt newest) {
        boolean asItShould = newest.isPresent()
                ? text.contains("resumes after step " + newest.getAsInt() + " ")
                : !text.contains("resumes");
        if (!asItShould || text.contains("damaged")) {
            throw new AssertionError(method + " did not go on after step " + newest + ": " + text);
        }
        resumes += newest.isPresent() ? 1 : 0;
    }

    /** Compares a run that has ended, and makes room for the next. */
    private void compare(String method) throws IOException {
        Map<String, String> result = TinyRun.result(output(method), method, STEPS);
        if (!result.equals(expected.get(method))) {
            throw new AssertionError(method + " ended in " + result + " and not in " + expected.get(method));
        }
        SealedFolder.removeTree(output(method));
        ended++;
        runs.merge(method, 1, Integer::sum);
    }

    private Path output(String method) {
        return folder.resolve(method + "-" + runs.get(method));
    }

    /** The step of the newest checkpoint. */
    private OptionalInt newest(String method) {
        return names(method)
                .filter(name -> name.matches("step-\\d+"))
                .mapToInt(name -> Integer.parseInt(name.substring("step-".length())))
                .max();
    }

    /** The checkpoint that is being written, or that was when the process ended. */
    private OptionalInt unfinished(String method) {
        int newest = newest(method).orElse(0);
        return names(method)
                .filter(name -> name.matches("step-\\d+\\.part"))
                .mapToInt(name -> Integer.parseInt(name.replaceAll("\\D", "")))
                .filter(step -> step > newest) // an older one is being removed
                .findFirst();
    }

    /** Tells an unfinished checkpoint from one that an earlier process has left; equal if there is none. */
    private String left(String method) throws IOException {
        OptionalInt step = unfinished(method);
        if (step.isEmpty()) {
            return "";
        }
        Path unfinished =
                TinyRun.folder(output(method), method).resolve("checkpoints/step-" + step.getAsInt() + ".part");
        var attributes = Files.readAttributes(unfinished, BasicFileAttributes.class);
        return unfinished + ", " + attributes.fileKey() + ", " + attributes.creationTime();
    }

    private Stream<String> names(String method) {
        String[] names = TinyRun.folder(output(method), method)
                .resolve("checkpoints")
                .toFile()
                .list();
        return names == null ? Stream.of() : Stream.of(names);
    }
}
