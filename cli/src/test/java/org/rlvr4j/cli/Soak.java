package org.rlvr4j.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.Interruption;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.files.SealedFolder;

/**
 * Trains the model of {@code configs/tiny.yaml} without an end and prints by the minute what the process holds: live heap,
 * resident memory, threads, and file handles.
 *
 * <p>Each is the least of the moments at which that minute's steps ended, after full collections, on the thread that
 * trains: between steps the heap holds no responses, and the compiler is idle at some of them. What would grow is in all
 * of them. Resident memory has all of the heap in it from the start ({@code -XX:+AlwaysPreTouch}), and so grows by the
 * rest.
 *
 * <p>{@code scripts/soak.sh --minutes 120}; its last line is the verdict, its exit code 1 unless memory is flat within
 * 2 % after the first ten minutes, without a thread or a file handle more.
 */
final class Soak implements RunListener {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int SETTLING_MINUTES = 10;
    private static final double FLAT = 0.02;

    private static final List<String> SETTINGS = List.of(
            "methods=[{name: DCPO, algorithm: DCPO, preset: PAPER, change: {WEIGHT: ONLY_TOKEN_MEAN_SCALED}}]",
            "seeds=[1]",
            "warmUp.steps=50",
            "training.steps=1000000",
            "training.saveEverySteps=5",
            "evaluation.everySteps=5");

    private final PrintStream table = System.out;
    private final Interruption interruption = new Interruption();
    private final List<Sample> samples = new ArrayList<>();
    private final int minutes;
    private Sample least = Sample.MOST;
    private int moments;
    private long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);

    private Soak(int minutes) {
        this.minutes = minutes;
    }

    private record Sample(long heap, long resident, long threads, long files) {

        static final Sample MOST = new Sample(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

        static Sample now() {
            System.gc();
            var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return new Sample(
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                    residentBytes(),
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    system.getOpenFileDescriptorCount());
        }

        Sample least(Sample other) {
            return new Sample(
                    Math.min(heap, other.heap),
                    Math.min(resident, other.resident),
                    Math.min(threads, other.threads),
                    Math.min(files, other.files));
        }

        private static long residentBytes() {
            try {
                return 1024
                        * Long.parseLong(Files.readAllLines(STATUS).stream()
                                .filter(line -> line.startsWith("VmRSS:"))
                                .findFirst()
                                .orElse("0")
                                .replaceAll("\\D", ""));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    public static void main(String[] args) throws IOException {
        var soak = new Soak(Options.of(args, Map.of("minutes", 120)).get("minutes"));
        Path folder = Files.createTempDirectory("soak");
        var settings = new ArrayList<>(SETTINGS);
        settings.add("output=" + folder);
        RunConfig config = RunConfig.read(Path.of("configs/tiny.yaml"), List.of(), settings);
        soak.table.println("minute   live heap MB   resident MB   threads   files   moments");
        try {
            Training.of(config).fresh(true).until(soak.interruption).run(soak);
        } catch (Interruption.EarlyEnd _) {
            // of the last minute's wish
        }
        boolean flat = verdict(soak.samples, soak.table);
        SealedFolder.removeTree(folder);
        System.exit(flat ? 0 : 1);
    }

    @Override
    public void stepped(Name run, Trainer.Step step) {
        moments++;
        least = least.least(Sample.now());
        if (System.nanoTime() >= end) {
            endMinute();
        }
    }

    private void endMinute() {
        samples.add(least);
        table.printf(
                Locale.ROOT,
                "%6d   %12.2f   %11.1f   %7d   %5d   %7d%n",
                samples.size(),
                least.heap / 1e6,
                least.resident / 1e6,
                least.threads,
                least.files,
                moments);
        least = Sample.MOST;
        end += TimeUnit.MINUTES.toNanos(1);
        if (samples.size() == minutes) {
            interruption.request();
        }
    }

    private static boolean verdict(List<Sample> samples, PrintStream out) {
        List<Sample> settled = samples.subList(Math.min(SETTLING_MINUTES, samples.size() / 2), samples.size());
        double heap = growth(settled, Sample::heap);
        double resident = growth(settled, Sample::resident);
        double threads = growth(settled, Sample::threads);
        double files = growth(settled, Sample::files);
        boolean flat = heap <= FLAT && resident <= FLAT && threads <= 0 && files <= 0;
        out.printf(
                Locale.ROOT,
                "%s: most against the first of %d minutes: live heap %+.2f %%, resident memory %+.2f %%, threads %+.0f"
                        + " %%, files %+.0f %%%n",
                flat ? "flat" : "NOT FLAT",
                settled.size(),
                100 * heap,
                100 * resident,
                100 * threads,
                100 * files);
        return flat;
    }

    /** How far the largest value lies above the first. */
    private static double growth(List<Sample> samples, ToLongFunction<Sample> value) {
        double first = value.applyAsLong(samples.getFirst());
        long most = value.applyAsLong(
                samples.stream().max(Comparator.comparingLong(value)).orElseThrow());
        return most / first - 1;
    }
}
