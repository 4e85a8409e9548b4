package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rlvr4j.cli.screen.Screen;
import org.rlvr4j.cli.screen.TerminalListener;
import org.rlvr4j.run.Device;
import org.rlvr4j.run.Interruption;
import org.rlvr4j.run.Results;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options of the commands that train, or print the memory that training needs. */
final class RunOptions {

    private static final String QUICK = "quick";

    @Parameters(
            paramLabel = "CONFIG",
            description = "a YAML file, such as those under configs/; for inspect, or a checkpoint's folder")
    private Path config = Path.of("");

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "overrides one setting")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "applies the settings of one of the file's variants, before those of --set")
    private List<String> variants = new ArrayList<>();

    @Option(names = "--quick", description = "a glance: the same as --variant quick")
    private boolean quick;

    @Option(names = "--fresh", description = "starts over: removes the checkpoints of earlier runs")
    private boolean fresh;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "what to compute on, as rlvr4j devices lists it (default: cpu)",
            converter = DeviceConverter.class)
    private Device device = Device.cpu();

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    /** Reads the configuration, with its variants and overrides applied. */
    RunConfig read() {
        classPath.apply();
        var names = new ArrayList<>(variants);
        if (quick) {
            names.add(QUICK);
        }
        return RunConfig.read(config, names, overrides);
    }

    /** The file that the configuration is read from, or the folder of a checkpoint. */
    Path config() {
        return config;
    }

    /** Trains, shows progress, prints the tables, and returns the exit code: 1 if one of several runs failed. */
    int train(RunConfig run, Interruption interruption) {
        Screen screen = Screen.system();
        var listener = new TerminalListener(screen, System.err);
        Results results =
                Training.of(run).on(device).fresh(fresh).until(interruption).run(listener);
        listener.print(results);
        results.failures().forEach(failure -> System.err.println("rlvr4j: " + failure));
        return results.failures().isEmpty() ? 0 : 1;
    }
}
