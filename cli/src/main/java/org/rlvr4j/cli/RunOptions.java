package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Arguments of the commands that train, or say what training takes. */
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
            converter = Device.Reader.class)
    private Device device = Device.cpu();

    /** The configuration with its variants and overrides. */
    RunConfig read() {
        var names = new ArrayList<>(variants);
        if (quick) {
            names.add(QUICK);
        }
        var settings = new ArrayList<String>();
        if (!names.isEmpty()) {
            var known = Configs.read(config, List.of(), RunConfig.class).variants();
            for (String name : names) {
                List<String> variant = known.get(name);
                if (variant == null) {
                    throw new IllegalArgumentException(
                            config + " has no variant " + name + ", its variants are " + known.keySet());
                }
                settings.addAll(variant);
            }
        }
        settings.addAll(overrides);
        return Configs.read(config, settings, RunConfig.class);
    }

    Path config() {
        return config;
    }

    Device device() {
        return device;
    }

    boolean fresh() {
        return fresh;
    }
}
