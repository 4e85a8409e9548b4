package org.rlvr4j.cli;

import org.rlvr4j.cli.download.DownloadCommand;
import org.rlvr4j.cli.screen.Screen;
import org.rlvr4j.run.Interruption;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Main command: its subcommands, and the translation of arguments to an exit code. */
@Command(
        name = "rlvr4j",
        description = "Reinforcement learning from verifiable rewards.",
        version = "rlvr4j 0.1.0",
        subcommands = {
            InitCommand.class,
            TrainCommand.class,
            AblateCommand.class,
            InspectCommand.class,
            EvalCommand.class,
            ScoreCommand.class,
            CompareCommand.class,
            ReportCommand.class,
            GenerateCommand.class,
            ChatCommand.class,
            DevicesCommand.class,
            ConvertCommand.class,
            DownloadCommand.class,
            CompletionCommand.class,
            HelpCommand.class
        },
        mixinStandardHelpOptions = true)
public final class Main implements Runnable {

    private final Interruption interruption = new Interruption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    public static void main(String[] args) {
        StandardError.restore();
        var main = new Main();
        var signals = new Signals(main.interruption);
        signals.listen();
        int exitCode = commandLine(main, System.getenv("RLVR4J_DEBUG") != null).execute(args);
        signals.end();
        System.exit(exitCode);
    }

    /** Prints the usage, as no subcommand was given. */
    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    /** The interruption that signals request and commands that train check for. */
    Interruption interruption() {
        return interruption;
    }

    /** The command line of a command, which reports failures as sentences, with their stack trace if {@code debug}. */
    static CommandLine commandLine(Object command, boolean debug) {
        OptionSpec option = OptionSpec.builder(Failures.DEBUG)
                .scopeType(ScopeType.INHERIT)
                .description("Prints the stack trace of a failure.")
                .build();
        var line = new CommandLine(CommandSpec.forAnnotatedObject(command).addOption(option));
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
