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
 * Failures of commands as sentences and exit codes.
 *
 * <p>A user's mistake, which shows as an {@link IllegalArgumentException} or {@link UncheckedIOException}, is one
 * sentence and exit code 2; work that was interrupted is exit code 130, and any other failure 1.
 */
final class Failures {

    /** The option that asks for stack traces. */
    static final String DEBUG = "--debug";

    /** Enough of the causes of a failure. */
    private static final int MAX_CAUSES = 20;

    private static final int FAILURE = 1;
    private static final int MISTAKE = 2;

    private Failures() {}

    /** Runs a command; errors, such as that of missing memory, are failures, too. */
    static int execute(ParseResult parsed) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (Error e) {
            throw new ExecutionException(parsed.commandSpec().commandLine(), e.toString(), e);
        }
    }

    static int failed(Exception e, CommandLine line, boolean debug) {
        int exitCode =
                switch (e) {
                    case IllegalArgumentException _, UncheckedIOException _ -> MISTAKE;
                    case Interruption.Heeded _ -> Signals.EXIT_CODE;
                    default -> FAILURE;
                };
        boolean isSentence = e.getMessage() != null && (exitCode != FAILURE || e instanceof NotFiniteException);
        String sentence = outOfMemory(e).orElseGet(() -> isSentence ? e.getMessage() : e.toString());
        say(line, sentence, debug ? e : null);
        return exitCode;
    }

    static int misused(ParameterException e, boolean debug) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        say(e.getCommandLine(), e.getMessage() + ", see " + name + " --help", debug ? e : null);
        return MISTAKE;
    }

    static boolean isDebug(ParseResult parsed) {
        return parsed.originalArgs().contains(DEBUG);
    }

    /** What to do, if memory is what was missing, on the Java heap or beside it. */
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
