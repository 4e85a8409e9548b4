package org.rlvr4j.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * Trains the model of {@code configs/tiny.yaml} without an end and prints by the minute what the process holds: live heap,
 * resident memory, threads, and file handles.
 *
 * <p>Each is the least of the moments at which that minute's steps ended, after full collections: between steps the heap
 * holds no responses, and not at all of these moments does the compiler compile or is a file written. What would grow is in
 * all of them. Resident memory has all of the heap in it from the start ({@code -XX:+AlwaysPreTouch}), and so grows by
 * the rest.
 *
 * <p>{@code scripts/soak.sh --minutes 120}; its last line is the verdict, its exit code 1 unless memory is flat within
 * 2 % after the first ten minutes, without a thread or a file handle more.
 */
final class Soak {

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

    private Soak() {}

    private record Sample(long heap, long resident, long threads, long files) {

        static Sample take(Path metrics) throws IOException, InterruptedException {
            var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            long heap = Long.MAX_VALUE;
            long resident = Long.MAX_VALUE;
            long threads = Long.MAX_VALUE;
            long files = Long.MAX_VALUE;
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            while (System.nanoTime() < end) {
                awaitStep(metrics, end);
                System.gc();
                long used =
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
                heap = Math.min(heap, used);
                resident = Math.min(resident, residentBytes());
                threads = Math.min(threads, ManagementFactory.getThreadMXBean().getThreadCount());
                files = Math.min(files, system.getOpenFileDescriptorCount());
            }
            return new Sample(heap, resident, threads, files);
        }

        private static void awaitStep(Path metrics, long end) throws IOException, InterruptedException {
            long size = size(metrics);
            while (size(metrics) == size && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(2);
            }
        }

        private static long size(Path file) throws IOException {
            return Files.exists(file) ? Files.size(file) : 0;
        }

        private static long residentBytes() throws IOException {
            return 1024
                    * Long.parseLong(Files.readAllLines(STATUS).stream()
                            .filter(line -> line.startsWith("VmRSS:"))
                            .findFirst()
                            .orElse("0")
                            .replaceAll("\\D", ""));
        }
    }

    public static void main(String[] args) throws Exception {
        var options = Options.of(args, Map.of("minutes", 120));
        Path folder = Files.createTempDirectory("soak");
        var arguments = new ArrayList<String>(List.of("train", "configs/tiny.yaml", "--set=output=" + folder));
        SETTINGS.forEach(setting -> arguments.add("--set=" + setting));
        PrintStream out = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)); // of training
        var training = new Thread(
                () -> Main.commandLine(new Main(), true).execute(arguments.toArray(String[]::new)), "training");
        training.setDaemon(true);
        training.start();
        Path metrics = TinyRun.folder(folder, "DCPO").resolve("metrics.jsonl");
        var samples = new ArrayList<Sample>();
        out.println("minute   live heap MB   resident MB   threads   files   steps");
        for (int minute = 1; minute <= options.get("minutes") && training.isAlive(); minute++) {
            Sample sample = Sample.take(metrics);
            samples.add(sample);
            out.printf(
                    Locale.ROOT,
                    "%6d   %12.2f   %11.1f   %7d   %5d   %5d%n",
                    minute,
                    sample.heap / 1e6,
                    sample.resident / 1e6,
                    sample.threads,
                    sample.files,
                    steps(metrics));
        }
        boolean flat = training.isAlive() && verdict(samples, out);
        SealedFolder.removeTree(folder.resolve("DCPO/seed-1/checkpoints"));
        System.exit(flat ? 0 : 1);
    }

    private static long steps(Path metrics) throws IOException {
        return Files.exists(metrics) ? Files.readAllLines(metrics).size() : 0;
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
