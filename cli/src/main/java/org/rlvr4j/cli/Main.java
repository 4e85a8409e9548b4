package org.rlvr4j.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * The command line: every subcommand is a method, every option an argument of it.
 *
 * <p>A user's mistake, which shows as an {@link IllegalArgumentException} or {@link UncheckedIOException}, is one
 * sentence and exit code 2; any other failure is exit code 1.
 */
@Command(
        name = "rlvr4j",
        description = "Reinforcement learning from verifiable rewards.",
        version = "rlvr4j 0.1.0",
        mixinStandardHelpOptions = true)
public final class Main implements Runnable {

    private static final int FAILURE = 1;
    private static final int MISTAKE = 2;
    private static final String DEBUG = "--debug";

    public static void main(String[] args) {
        System.exit(
                commandLine(new Main(), System.getenv("RLVR4J_DEBUG") != null).execute(args));
    }

    /** Without a subcommand there is nothing to do but to say what there is. */
    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    /** Binds arguments to a command, and failures to sentences; with their stack trace if {@code debug}. */
    static CommandLine commandLine(Object command, boolean debug) {
        OptionSpec option = OptionSpec.builder(DEBUG)
                .scopeType(ScopeType.INHERIT)
                .description("Prints the stack trace of a failure.")
                .build();
        return new CommandLine(CommandSpec.forAnnotatedObject(command).addOption(option))
                .setExecutionExceptionHandler((e, line, parsed) -> failed(e, line, debug || isDebug(parsed)))
                .setParameterExceptionHandler((e, args) -> misused(e, debug));
    }

    private static int failed(Exception e, CommandLine line, boolean debug) {
        boolean isMistake = e instanceof IllegalArgumentException || e instanceof UncheckedIOException;
        String message = e.getMessage();
        say(line, isMistake && message != null ? message : e.toString(), debug ? e : null);
        return isMistake ? MISTAKE : FAILURE;
    }

    private static int misused(ParameterException e, boolean debug) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        say(e.getCommandLine(), e.getMessage() + ", see " + name + " --help", debug ? e : null);
        return MISTAKE;
    }

    private static void say(CommandLine line, String sentence, @Nullable Exception trace) {
        PrintWriter err = line.getErr();
        err.println("rlvr4j: " + sentence.strip().replaceAll("\\s*\\R\\s*", " "));
        if (trace != null) {
            trace.printStackTrace(err);
        }
        err.flush();
    }

    private static boolean isDebug(ParseResult parsed) {
        return parsed.originalArgs().contains(DEBUG);
    }
}
