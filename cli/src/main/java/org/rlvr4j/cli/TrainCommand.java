package org.rlvr4j.cli;

import java.util.concurrent.Callable;
import org.rlvr4j.run.config.RunConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** The command {@code train}. */
@Command(name = "train", description = "Trains one method with one seed.", mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {

    @ParentCommand
    private Main main = new Main();

    @Mixin
    private RunOptions options = new RunOptions();

    @Override
    public Integer call() {
        RunConfig config = options.read();
        if (config.methods().size() != 1 || config.seeds().size() != 1) {
            throw new IllegalArgumentException(options.config() + ": train takes one method and one seed, not "
                    + config.methods().size() + " and " + config.seeds().size() + "; use ablate, or --set");
        }
        return options.train(config, main.interruption());
    }
}
