package org.rlvr4j.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.rl.NotFiniteException;
import org.rlvr4j.run.Interruption;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Failures of commands, reported as one sentence and an exit code.
 *
 * <p>The exit code is 2 for a user's mistake, which is an {@link IllegalArgumentException} or
 * {@link UncheckedIOException}, 130 for interrupted work, and 1 for any other failure.
 */
final class Failures {

    /** The option that asks for stack traces. */
    static final String DEBUG = "--debug";

    /** Most causes of a failure that are searched for a lack of memory. */
    private static final int MAX_CAUSES = 20;

    private static final int FAILURE = 1;
    private static final int MISTAKE = 2;

    private Failures() {}

    /** Runs a command; an {@link Error}, such as a lack of memory, is reported like an exception. */
    static int execute(ParseResult parsed) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (Error e) {
            throw new ExecutionException(parsed.commandSpec().commandLine(), e.toString(), e);
        }
    }

    /** Reports a failure of a command, with its stack trace if {@code debug}, and returns the exit code. */
    static int failed(Exception e, CommandLine line, boolean debug) {
        int exitCode =
                switch (e) {
                    case IllegalArgumentException _, UncheckedIOException _ -> MISTAKE;
                    case Interruption.EarlyEnd _ -> Signals.EXIT_CODE;
                    default -> FAILURE;
                };
        boolean isSentence = e.getMessage() != null && (exitCode != FAILURE || e instanceof NotFiniteException);
        String sentence = outOfMemory(e).orElseGet(() -> isSentence ? e.getMessage() : e.toString());
        say(line, sentence, debug ? e : null);
        return exitCode;
    }

    /** Reports wrong arguments, with the stack trace if {@code debug}, and returns the exit code. */
    static int misused(ParameterException e, boolean debug) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        say(e.getCommandLine(), e.getMessage() + ", see " + name + " --help", debug ? e : null);
        return MISTAKE;
    }

    /** Whether the arguments ask for stack traces. */
    static boolean isDebug(ParseResult parsed) {
        return parsed.originalArgs().contains(DEBUG);
    }

    /** Advice if a cause of the failure is a lack of memory, on the Java heap or outside it. */
    private static Optional<String> outOfMemory(Exception e) {
        return Stream.<Throwable>iterate(e, cause -> cause != null, Throwable::getCause)
                .limit(MAX_CAUSES)
                .filter(cause -> cause instanceof OutOfMemoryError)
                .map(cause -> "out of memory (" + cause.getMessage() + "): lower training.microBatchTokens or"
                        + " training.maxSequences, or give the heap more by RLVR4J_JAVA_OPTS=-Xmx4g; checkpoints that"
                        + " were written are whole, and the same command goes on from the newest")
                .findFirst();
    }

    private static void say(CommandLine line, String sentence, @Nullable Exception trace) {
        PrintWriter err = line.getErr();
        err.println("rlvr4j: " + sentence.strip().replaceAll("\\s*\\R\\s*", " "));
        if (trace != null) {
            trace.printStackTrace(err);
        }
        err.flush();
    }
}
