package org.rlvr4j.cli;

import java.util.List;
import java.util.Set;
import org.rlvr4j.cli.screen.Screen;
import org.rlvr4j.run.Interruption;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Main command, and the translation of arguments to an exit code. */
@Command(
        name = "rlvr4j",
        description = "Reinforcement learning from verifiable rewards.",
        version = Main.VERSION,
        mixinStandardHelpOptions = true)
public final class Main implements Runnable {

    static final String VERSION = "rlvr4j 0.1.0";

    private static final Set<String> VERSION_OPTIONS = Set.of("-V", "--version");

    private final Interruption interruption = new Interruption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    public static void main(String[] args) {
        if (args.length == 1 && VERSION_OPTIONS.contains(args[0])) {
            System.out.println(VERSION); // without the classes that parse arguments
            return;
        }
        System.setProperty("picocli.disable.closures", "true"); // else it looks for Groovy in every jar
        StandardError.restore();
        var main = new Main();
        boolean debug = System.getenv("RLVR4J_DEBUG") != null;
        System.exit(commandLine(main, debug, List.of(args)).execute(args));
    }

    /** Prints the usage, as no subcommand was given. */
    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    /** The interruption that signals request from now on, for a command that checks for it. */
    Interruption interruption() {
        Signals.listen(interruption);
        return interruption;
    }

    /** The command line of the main command with its subcommands, for these arguments and no others. */
    static CommandLine commandLine(Main main, boolean debug, List<String> arguments) {
        CommandSpec spec = CommandSpec.forAnnotatedObject(main);
        Subcommands.add(spec, arguments);
        return commandLine(spec, debug);
    }

    /** The command line of a command, which reports failures as sentences, with their stack trace if {@code debug}. */
    static CommandLine commandLine(CommandSpec command, boolean debug) {
        OptionSpec option = OptionSpec.builder(Failures.DEBUG)
                .scopeType(ScopeType.INHERIT)
                .description("Prints the stack trace of a failure.")
                .build();
        var line = new CommandLine(command.addOption(option));
        withExitCodes(line);
        return line.setUsageHelpAutoWidth(Screen.hasTerminal())
                .setExecutionStrategy(Failures::execute)
                .setExecutionExceptionHandler(
                        (e, failing, parsed) -> Failures.failed(e, failing, debug || Failures.isDebug(parsed)))
                .setParameterExceptionHandler((e, args) -> Failures.misused(e, args, debug));
    }

    /** Lets the help of each command end with the exit codes. */
    private static void withExitCodes(CommandLine line) {
        line.getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("Exit codes:%n")
                .exitCodeList(Failures.EXIT_CODES);
        line.getSubcommands().values().forEach(Main::withExitCodes);
    }
}
