package org.rlvr4j.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A command's exit code and what it printed, apart.
 *
 * @param exitCode exit code
 * @param out      what it printed on standard output
 * @param err      what it printed on standard error
 */
record TinyConsole(int exitCode, String out, String err) {

    /** Runs a command with a text on standard input. */
    static TinyConsole run(String input, String... arguments) {
        return run(input.getBytes(StandardCharsets.UTF_8), arguments);
    }

    /** Runs a command with bytes on standard input. */
    static TinyConsole run(byte[] input, String... arguments) {
        InputStream in = System.in;
        PrintStream out = System.out;
        PrintStream err = System.err;
        var outBytes = new ByteArrayOutputStream();
        var errBytes = new ByteArrayOutputStream();
        var errStream = new PrintStream(errBytes, true, StandardCharsets.UTF_8);
        System.setIn(new ByteArrayInputStream(input));
        System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
        System.setErr(errStream);
        try {
            int exitCode = Main.commandLine(new Main(), false, List.of(arguments))
                    .setErr(new PrintWriter(errStream, true, StandardCharsets.UTF_8))
                    .execute(arguments);
            return new TinyConsole(
                    exitCode, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setIn(in);
            System.setOut(out);
            System.setErr(err);
        }
    }
}
