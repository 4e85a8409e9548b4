package org.rlvr4j.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code completion}. */
@Command(
        name = CompletionCommand.NAME,
        description =
                "Prints a script that completes commands and options in a shell: eval \"$(rlvr4j completion bash)\"",
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {

    static final String NAME = "completion";

    /** Shell that is completed in; zsh takes bash's script once it has loaded bashcompinit. */
    private enum Shell {
        bash,
        zsh
    }

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell = Shell.bash;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        CommandSpec root = spec.root();
        if (shell == Shell.zsh) {
            System.out.println("autoload -U +X compinit && compinit && autoload -U +X bashcompinit && bashcompinit");
        }
        System.out.print(AutoComplete.bash(root.name(), root.commandLine()));
        return 0;
    }
}
