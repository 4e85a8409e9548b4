package org.rlvr4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.run.MachineMemory;
import org.rlvr4j.run.StartingFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code init}. */
@Command(
        name = "init",
        description = "Writes a commented configuration for a model, problems and this machine's memory.",
        mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "FILE",
            description = "the file to write, which must not exist yet (default: ${DEFAULT-VALUE})",
            arity = "0..1",
            defaultValue = "my-run.yaml")
    private Path file = Path.of("");

    @Option(
            names = "--model",
            paramLabel = "FOLDER",
            description = "a checkpoint in Hugging Face layout; without it a small model with random weights")
    private @Nullable Path model;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "problems to train on: Parquet in verl's layout, or JSON Lines; without it generated sums")
    private @Nullable Path data;

    @Option(names = "--held-back", paramLabel = "FILE", description = "problems to evaluate on")
    private @Nullable Path heldBack;

    @Option(
            names = "--reward",
            paramLabel = "KIND",
            description =
                    "what is rewarded: boxed (the default), number, choice, exact, countdown or json, or a Java source"
                            + " file with a verifier")
    private @Nullable String reward;

    @Override
    public Integer call() {
        if (Files.exists(file)) {
            throw new IllegalArgumentException(file + " exists; name another file, or remove it");
        }
        String text = new StartingFile(file, model, data, heldBack, reward).text(MachineMemory.ofMachine());
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
        System.out.println("wrote " + file + "; next: rlvr4j inspect " + file + ", then rlvr4j train " + file);
        return 0;
    }
}
