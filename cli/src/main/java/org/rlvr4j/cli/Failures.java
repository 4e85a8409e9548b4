package org.rlvr4j.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.rl.NotFiniteException;
import org.rlvr4j.run.Interruption;
import org.rlvr4j.run.MachineMemory;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Failures of commands, reported as one sentence and an exit code.
 *
 * <p>The exit code is 2 for a user's mistake, which is an {@link IllegalArgumentException} or
 * {@link UncheckedIOException}, 3 for work that needs more memory than the machine has, 130 for interrupted work, and 1
 * for any other failure.
 */
final class Failures {

    /** The option that asks for stack traces. */
    static final String DEBUG = "--debug";

    /** Most causes of a failure that are searched for a lack of memory. */
    private static final int MAX_CAUSES = 20;

    /** The message of picocli's command help. */
    private static final Pattern UNKNOWN_SUBCOMMAND = Pattern.compile("Unknown subcommand '(.*)'\\.");

    private static final int FAILURE = 1;
    private static final int MISTAKE = 2;
    private static final int DOES_NOT_FIT = 3;

    /** The exit codes of every command with their meanings. */
    static final Map<String, String> EXIT_CODES = exitCodes();

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
                    case MachineMemory.DoesNotFitException _ -> DOES_NOT_FIT;
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
    static int misused(ParameterException e, String[] args, boolean debug) {
        CommandLine line = e.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        String sentence = misspelled(e, args)
                .map(argument -> unknown(argument, line))
                .orElseGet(() -> String.valueOf(e.getMessage()).replaceFirst("\\.$", ""));
        say(line, sentence + ", see " + name + " --help", debug ? e : null);
        return MISTAKE;
    }

    /** The argument that is unknown; where one is missing, an option that is unknown may be it, misspelled. */
    private static Optional<String> misspelled(ParameterException e, String[] args) {
        return switch (e) {
            case UnmatchedArgumentException unmatched ->
                Optional.of(unmatched.getUnmatched().getFirst());
            case MissingParameterException missing -> {
                Set<String> known =
                        missing.getCommandLine().getCommandSpec().optionsMap().keySet();
                yield Stream.of(args)
                        .filter(argument -> argument.startsWith("--") && !known.contains(optionName(argument)))
                        .findFirst();
            }
            default ->
                UNKNOWN_SUBCOMMAND
                        .matcher(String.valueOf(e.getMessage()))
                        .results()
                        .map(match -> match.group(1))
                        .findFirst();
        };
    }

    private static String optionName(String argument) {
        return argument.replaceFirst("=.*", "");
    }

    private static String unknown(String argument, CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        if (argument.startsWith("-")) {
            String option = optionName(argument);
            return "there is no option " + option
                    + didYouMean(option, spec.optionsMap().keySet());
        }
        return spec.subcommands().isEmpty()
                ? "there is one argument too many, " + argument
                : "there is no command " + argument
                        + didYouMean(argument, spec.subcommands().keySet());
    }

    private static String didYouMean(String word, Collection<String> known) {
        return Suggestion.of(word, known)
                .map(nearest -> " (did you mean " + nearest + "?)")
                .orElse("");
    }

    private static Map<String, String> exitCodes() {
        var codes = new LinkedHashMap<String, String>();
        codes.put("0", "it is done");
        codes.put(String.valueOf(FAILURE), "it failed");
        codes.put(String.valueOf(MISTAKE), "an argument, a setting or a file is wrong");
        codes.put(String.valueOf(DOES_NOT_FIT), "it needs more memory than the machine has");
        codes.put(String.valueOf(Signals.EXIT_CODE), "it was interrupted");
        return Collections.unmodifiableMap(codes);
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
