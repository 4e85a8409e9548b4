package org.rlvr4j.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.option.DeviceConverter;
import org.rlvr4j.cli.option.SettingsOptions;
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

/** Options of the commands that train. */
final class RunOptions {

    @Parameters(paramLabel = "CONFIG", description = "a YAML file, such as those under configs/")
    private Path config = Path.of("");

    @Mixin
    private SettingsOptions settings = new SettingsOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(names = "--fresh", description = "starts over: removes the checkpoints of earlier runs")
    private boolean fresh;

    @Option(
            names = "--show",
            paramLabel = "N",
            description = "prints an answer, its reward and its advantage for N problems of each step",
            defaultValue = "0")
    private int shown;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "what to compute on, as rlvr4j devices lists it (default: cpu)",
            converter = DeviceConverter.class)
    private Device device = Device.cpu();

    @Option(
            names = "--workers",
            paramLabel = "WORKERS",
            description =
                    "processes that generate and learn for this one, such as spark: docs/cluster.md (default: none)")
    private @Nullable String workers;

    /** Reads the configuration, with its variants and overrides applied. */
    RunConfig read() {
        return settings.read(config);
    }

    /** The file that the configuration is read from. */
    Path config() {
        return config;
    }

    /** Trains, shows progress, prints the results, and returns the exit code: 1 if one of several runs failed. */
    int train(RunConfig run, Interruption interruption) {
        if (shown < 0) {
            throw new IllegalArgumentException("--show must be 0 or more, not " + shown);
        }
        Screen screen = output.screen();
        var listener = new TerminalListener(screen, System.err, shown);
        Results results = Training.of(run)
                .on(device)
                .withWorkers(workers)
                .fresh(fresh)
                .until(interruption)
                .run(listener);
        screen.out().println();
        var summary = new Summary(results, listener.plan());
        output.print(summary::toText, summary::toMap);
        results.failures().forEach(failure -> System.err.println("rlvr4j: " + failure));
        return results.failures().isEmpty() ? 0 : 1;
    }
}
