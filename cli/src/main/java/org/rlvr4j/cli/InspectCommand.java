package org.rlvr4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.option.ModelOptions;
import org.rlvr4j.cli.option.SettingsOptions;
import org.rlvr4j.run.MachineMemory;
import org.rlvr4j.run.config.SupervisedConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code inspect}. */
@Command(
        name = "inspect",
        description =
                "Says what a model is, what memory generating with it takes, and what memory and disk training takes.",
        mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "CONFIG",
            description = "a YAML file, such as those under configs/, for the memory and disk of training",
            arity = "0..1")
    private @Nullable Path config;

    @Option(
            names = "--model",
            paramLabel = "FOLDER",
            description = "a checkpoint in Hugging Face layout, for the memory of generation")
    private @Nullable Path model;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "the memory of a driver and of each of N workers: docs/cluster.md")
    private @Nullable Integer workers;

    @Option(
            names = "--device-memory",
            paramLabel = "GIB",
            description = "the memory of a device that does the work, instead of this machine's processor")
    private @Nullable Double deviceMemory;

    @Mixin
    private SettingsOptions settings = new SettingsOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        if (workers != null) {
            return withWorkers(workers);
        }
        Inspection inspection = inspection(config, model);
        if (deviceMemory != null) {
            var device = new DeviceInspection(inspection, (long) (deviceMemory * (1L << 30)));
            output.print(() -> device.toText(MachineMemory.ofMachine()), device::toMap);
            device.requireFit();
            return 0;
        }
        MachineMemory machine = MachineMemory.ofMachine();
        output.print(() -> inspection.toText(machine), () -> inspection.toMap(machine));
        inspection.requireFit(machine);
        return 0;
    }

    private int withWorkers(int count) {
        if (config == null || model != null) {
            throw new IllegalArgumentException("inspect --workers takes a CONFIG");
        }
        var inspection =
                FleetInspection.of(settings.read(config), count, output.screen().out());
        output.print(inspection::toText, inspection::toMap);
        return 0;
    }

    private Inspection inspection(@Nullable Path file, @Nullable Path checkpoint) {
        if (file == null && checkpoint != null) {
            ModelOptions.requireFolder(checkpoint);
            return Inspection.ofCheckpoint(checkpoint);
        }
        if (file == null || checkpoint != null) {
            throw new IllegalArgumentException("inspect takes either a CONFIG or --model FOLDER");
        }
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(
                    file + " is a folder, and a checkpoint is given as --model: rlvr4j inspect --model " + file);
        }
        if (SupervisedConfig.isIn(file)) {
            return Inspection.ofSupervised(
                    settings.readSupervised(file), output.screen().out());
        }
        return Inspection.ofTraining(settings.read(file), output.screen().out());
    }
}
