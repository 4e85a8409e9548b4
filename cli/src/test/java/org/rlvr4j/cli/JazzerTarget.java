package org.rlvr4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What Jazzer calls, which changes inputs by the branches that they reach: {@code scripts/fuzz.sh --jazzer}. The first
 * byte of an input is the number of its format, the rest is to be read, or rejected, as {@link InputTrial} says.
 *
 * <p>Jazzer's own instructions take time and memory: neither counts here but where it runs out.
 */
public final class JazzerTarget {

    private static final Path CORPUS = Path.of("cli/target/jazzer");

    private static final List<InputFormat> FORMATS = formats();

    private JazzerTarget() {}

    private static List<InputFormat> formats() {
        try {
            return new InputFormats(Files.createTempDirectory("rlvr4j-jazzer")).all();
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Writes the valid inputs where Jazzer begins. */
    public static void fuzzerInitialize() throws IOException {
        Files.createDirectories(CORPUS);
        for (int format = 0; format < FORMATS.size(); format++) {
            List<byte[]> seeds = FORMATS.get(format).seeds();
            for (int i = 0; i < seeds.size(); i++) {
                byte[] seed = new byte[1 + seeds.get(i).length];
                seed[0] = (byte) format;
                System.arraycopy(seeds.get(i), 0, seed, 1, seed.length - 1);
                Files.write(CORPUS.resolve("seed-" + format + "-" + i), seed);
            }
        }
    }

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        InputFormat format = FORMATS.get(Byte.toUnsignedInt(input[0]) % FORMATS.size());
        String fault = InputTrial.of(format, Arrays.copyOfRange(input, 1, input.length))
                .fault();
        if (!fault.isEmpty() && !fault.startsWith("allocates")) {
            throw new AssertionError(format.format() + " " + fault);
        }
    }
}
