package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Program that runs the usual commands once on a small model, so that the virtual machine can archive the classes that
 * they load: scripts/archive-classes, and the build of the archive with its own Java runtime.
 */
final class Rehearsal {

    /** Settings by which configs/tiny.yaml takes a second. */
    private static final List<String> SMALL = List.of(
            "seeds=[1]",
            "methods=[{name: DCPO, algorithm: DCPO, preset: PAPER, change: {}}]",
            "model.hiddenSize=32",
            "model.mlpSize=32",
            "model.layers=1",
            "model.heads=2",
            "model.keyValueHeads=1",
            "problems.training=4",
            "problems.heldBack=2",
            "problems.demonstrations=8",
            "warmUp.steps=1",
            "warmUp.batchSize=2",
            "training.steps=1",
            "training.promptsPerStep=2",
            "training.groupSize=2",
            "training.updatesPerStep=1",
            "training.maxNewTokens=8",
            "evaluation.samples=1",
            "evaluation.maxNewTokens=8");

    private Rehearsal() {}

    /**
     * Runs the commands.
     *
     * @param args a folder for the small model
     */
    public static void main(String[] args) {
        String folder = Path.of(args[0]).toString();
        run(Stream.of("--help"));
        run(Stream.concat(
                Stream.of("train", "configs/tiny.yaml", "--fresh", "--set=output=" + folder),
                SMALL.stream().map(setting -> "--set=" + setting)));
        run(Stream.of("generate", "--model=" + folder + "/start", "--max-new-tokens=8", "1+2="));
    }

    private static void run(Stream<String> command) {
        List<String> arguments = command.toList();
        int exitCode = Main.commandLine(new Main(), false, arguments).execute(arguments.toArray(String[]::new));
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }
}
