package org.rlvr4j.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * This project's half of a comparison with a peer: prints that it is ready, then measures once for each line of input,
 * and answers with a line of JSON. {@code bench/peers/compare.py} drives it and the peer's half in turn.
 *
 * <p>Arguments: threads, seconds for which short work is repeated, name of the work, and its sizes.
 */
public final class PeerHalf {

    private static final double GIBIBYTE_IN_KIBIBYTES = 1 << 20;

    private PeerHalf() {}

    public static void main(String[] args) throws IOException {
        int threads = Integer.parseInt(args[0]);
        var meter = new Meter(threads, Double.parseDouble(args[1]));
        DoubleSupplier work = work(args, meter);
        System.out.println("{\"ready\": true}");
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (lines.readLine() != null) {
            System.out.printf(
                    Locale.ROOT,
                    "{\"seconds\": %.9g, \"peak_rss_gib\": %.3f}%n",
                    work.getAsDouble(),
                    peakResidentGibibytes());
        }
        System.exit(0); // even if threads are still running
    }

    private static DoubleSupplier work(String[] args, Meter meter) {
        return switch (args[2]) {
            case "fma" -> KernelWork.fma(meter);
            case "tile" -> KernelWork.tile(meter);
            case "linear" -> new KernelWork(meter).linear(number(args, 3), number(args, 4), number(args, 5));
            case "attention" ->
                new KernelWork(meter).attention(number(args, 3), number(args, 4), number(args, 5), number(args, 6));
            case "logprob" -> new KernelWork(meter).logProb(number(args, 3), number(args, 4), number(args, 5));
            case "train" -> new ModelWork(meter).train(Path.of(args[3]), number(args, 4), number(args, 5));
            case "decode" ->
                new ModelWork(meter).decode(Path.of(args[3]), number(args, 4), number(args, 5), number(args, 6));
            case "stream" -> new ModelWork(meter).stream(Path.of(args[3]), number(args, 4), number(args, 5));
            case "grpo" -> new ModelWork(meter).grpo();
            case "pretrained-grpo" -> new ModelWork(meter).pretrainedGrpo(Path.of(args[3]));
            case "update" -> {
                boolean isShared = args[7].equals("shared");
                var update =
                        new UpdateWork(number(args, 3), number(args, 4), number(args, 5), number(args, 6), isShared);
                yield update.seconds(meter);
            }
            default -> throw new IllegalArgumentException("there is no work called " + args[2]);
        };
    }

    private static int number(String[] args, int index) {
        return Integer.parseInt(args[index]);
    }

    /** Peak resident memory of this process in GiB, if the system reports it; otherwise 0. */
    private static double peakResidentGibibytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / GIBIBYTE_IN_KIBIBYTES)
                .findFirst()
                .orElse(0);
    }
}
