package org.rlvr4j.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** The command {@code ablate}. */
@Command(name = "ablate", description = "Trains and compares all methods and seeds.", mixinStandardHelpOptions = true)
final class AblateCommand implements Callable<Integer> {

    @ParentCommand
    private Main main = new Main();

    @Mixin
    private RunOptions options = new RunOptions();

    @Override
    public Integer call() {
        return options.train(options.read(), main.interruption());
    }
}
