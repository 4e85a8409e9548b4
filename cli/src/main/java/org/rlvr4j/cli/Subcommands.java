package org.rlvr4j.cli;

import java.util.List;
import org.rlvr4j.cli.download.DownloadCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Subcommands of {@code rlvr4j}, of which only those that the arguments name are read with all their options.
 *
 * <p>Reading a command's options loads the classes of their types, which is most of the work of {@code --help}. Of the
 * others the usage needs no more than name and description.
 */
final class Subcommands {

    private static final List<Class<?>> CLASSES = List.of(
            InitCommand.class,
            TrainCommand.class,
            AblateCommand.class,
            SftCommand.class,
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
            HelpCommand.class);

    private Subcommands() {}

    /**
     * Adds every subcommand, in full if it may be run or its options may be shown.
     *
     * @param main      specification of the main command
     * @param arguments arguments that will be executed
     */
    static void add(CommandSpec main, List<String> arguments) {
        boolean all = arguments.contains(CompletionCommand.NAME)
                || arguments.stream().anyMatch(Subcommands::isFileOfArguments);
        for (Class<?> type : CLASSES) {
            Command command = type.getAnnotation(Command.class);
            main.addSubcommand(
                    command.name(),
                    all || arguments.contains(command.name()) ? new CommandLine(type) : outline(command));
        }
    }

    private static boolean isFileOfArguments(String argument) {
        return argument.startsWith("@");
    }

    private static CommandLine outline(Command command) {
        CommandSpec outline = CommandSpec.create().name(command.name());
        outline.usageMessage().header(command.header()).description(command.description());
        return new CommandLine(outline);
    }
}
