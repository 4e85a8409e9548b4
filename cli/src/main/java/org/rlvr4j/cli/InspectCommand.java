package org.rlvr4j.cli;

import java.nio.file.Files;
import java.util.concurrent.Callable;
import org.rlvr4j.run.MachineMemory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code inspect}. */
@Command(
        name = "inspect",
        description = "Says what a model is and what memory it takes, in training or without; exit code 2 if there is"
                + " less.",
        mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {

    @Mixin
    private RunOptions options = new RunOptions();

    @Override
    public Integer call() {
        var inspection = new Inspection(MachineMemory.ofMachine(), System.out);
        if (Files.isDirectory(options.config())) {
            inspection.checkpoint(options.config());
        } else {
            inspection.training(options.read());
        }
        return 0;
    }
}
