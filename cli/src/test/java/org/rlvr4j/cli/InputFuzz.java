package org.rlvr4j.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads many damaged inputs of all formats in turn: {@code --inputs N --seed S}, of one format with {@code --format NAME},
 * and one input alone with {@code --only NUMBER}.
 *
 * <p>Every input is to be read, or rejected by an exception of one of two types that names the file, within a second of CPU
 * time and 64 MB beyond the input's size. The last line is the summary; the exit code is 1 if there was a fault.
 */
final class InputFuzz {

    private static final long LONGEST = TimeUnit.SECONDS.toNanos(1);
    private static final long HANG = TimeUnit.SECONDS.toNanos(60);
    private static final int LISTED = 40;

    private final List<InputFormat> formats;
    private final long seed;
    private final List<Tally> tallies = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final AtomicLong current = new AtomicLong();
    private final AtomicLong since = new AtomicLong(Long.MAX_VALUE);
    private long count;

    InputFuzz(Path folder, long seed) throws IOException {
        this(folder, seed, "");
    }

    private InputFuzz(Path folder, long seed, String only) throws IOException {
        this.formats = new InputFormats(folder)
                .all().stream()
                        .filter(format -> only.isEmpty()
                                || format.format().replace(' ', '-').equals(only))
                        .toList();
        if (formats.isEmpty()) {
            throw new IllegalArgumentException("--format is one of those that a run without it lists, not " + only);
        }
        this.seed = seed;
        formats.forEach(format -> tallies.add(new Tally(format.format())));
    }

    public static void main(String[] args) throws IOException {
        List<String> given = List.of(args);
        int format = given.indexOf("--format");
        var fuzz = new InputFuzz(
                Files.createTempDirectory("rlvr4j-fuzz"),
                option(given, "--seed", 1),
                format < 0 ? "" : given.get(format + 1));
        fuzz.watch(Thread.currentThread());
        long only = option(given, "--only", -1);
        if (only >= 0) {
            fuzz.explain(only);
        } else {
            fuzz.run(option(given, "--inputs", 100_000), true);
            fuzz.report().forEach(System.out::println);
        }
        System.exit(fuzz.faults.isEmpty() ? 0 : 1);
    }

    private static long option(List<String> args, String name, long otherwise) {
        int at = args.indexOf(name);
        return at < 0 ? otherwise : Long.parseLong(args.get(at + 1));
    }

    /** Tries inputs by their numbers, from 0. */
    void run(long inputs, boolean isTimed) throws IOException {
        for (; count < inputs; count++) {
            int format = (int) (count % formats.size());
            byte[] input = formats.get(format).input(seed, count);
            current.set(count);
            since.set(System.nanoTime());
            InputTrial trial = InputTrial.of(formats.get(format), input);
            since.set(Long.MAX_VALUE);
            tallies.get(format).add(trial, count);
            if (!trial.fault().isEmpty()) {
                fault(trial.fault());
            } else if (isTimed && trial.nanos() > LONGEST) {
                fault("takes " + TimeUnit.NANOSECONDS.toMillis(trial.nanos()) + " ms");
            }
            if (isTimed && count % 20_000 == 19_999) {
                System.out.println(summary());
            }
        }
    }

    private void fault(String what) {
        String line = "input " + count + " of seed " + seed + ", "
                + formats.get((int) (count % formats.size())).format() + ", "
                + what.substring(0, Math.min(what.length(), 300)).replace('\n', ' ');
        faults.add(line);
        if (faults.size() <= LISTED) {
            System.out.println(line);
        }
    }

    /** What was wrong, a line for each. */
    List<String> faults() {
        return faults;
    }

    List<String> report() {
        var lines = new ArrayList<String>(tallies.stream().map(Tally::toString).toList());
        lines.add(summary());
        return lines;
    }

    private String summary() {
        return String.format(
                Locale.ROOT,
                "Inputs: %,d of %d formats with seed %d: %,d read, %,d rejected, %d faults; longest %d ms, largest"
                        + " %.1f MB",
                tallies.stream().mapToLong(tally -> tally.read + tally.rejected).sum(),
                formats.size(),
                seed,
                tallies.stream().mapToLong(tally -> tally.read).sum(),
                tallies.stream().mapToLong(tally -> tally.rejected).sum(),
                faults.size(),
                tallies.stream().mapToLong(tally -> tally.longest).max().orElse(0) / 1_000_000,
                tallies.stream().mapToLong(tally -> tally.largest).max().orElse(0) / 1e6);
    }

    /** Ends the process if an input takes so long that it may never end. */
    private void watch(Thread worker) {
        Thread.ofPlatform().daemon().start(() -> {
            while (true) {
                LockSupport.parkNanos(LONGEST);
                if (System.nanoTime() - since.get() > HANG && since.get() != Long.MAX_VALUE) {
                    System.out.println("input " + current.get() + " of seed " + seed + " hangs:");
                    for (StackTraceElement frame : worker.getStackTrace()) {
                        System.out.println("  " + frame);
                    }
                    Runtime.getRuntime().halt(1);
                }
            }
        });
    }

    private void explain(long number) throws IOException {
        InputFormat format = formats.get((int) (number % formats.size()));
        byte[] input = format.input(seed, number);
        System.out.println(new String(input, StandardCharsets.ISO_8859_1));
        System.out.println(HexFormat.of().formatHex(input, 0, Math.min(input.length, 2_000)));
        System.out.println(InputTrial.of(format, input));
        format.reader().read(input);
    }

    private static final class Tally {

        private final String format;
        private long read;
        private long rejected;
        private long nanos;
        private long longest;
        private long slowest;
        private long largest;

        Tally(String format) {
            this.format = format;
        }

        void add(InputTrial trial, long number) {
            read += trial.isRead() ? 1 : 0;
            rejected += trial.isRead() ? 0 : 1;
            nanos += trial.nanos();
            largest = Math.max(largest, trial.bytes());
            if (trial.nanos() > longest) {
                longest = trial.nanos();
                slowest = number;
            }
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%-22s %,9d read %,9d rejected, mean %d us, longest %d ms (input %d), largest %.1f MB",
                    format,
                    read,
                    rejected,
                    nanos / Math.max(read + rejected, 1) / 1_000,
                    longest / 1_000_000,
                    slowest,
                    largest / 1e6);
        }
    }
}
