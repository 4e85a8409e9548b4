package org.rlvr4j.cli.option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.SupervisedConfig;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that change the settings of a configuration file. */
public final class SettingsOptions {

    private static final String QUICK = "quick";

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "overrides one setting")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "applies the settings of one of the file's variants, before those of --set")
    private List<String> variants = new ArrayList<>();

    @Option(names = "--quick", description = "a glance: the same as --variant quick")
    private boolean quick;

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    /** Reads a configuration of supervised learning, with its variants and overrides applied. */
    public SupervisedConfig readSupervised(Path config) {
        return SupervisedConfig.read(config, names(), overrides);
    }

    /** The configuration of supervised learning of some settings, with the overrides applied. */
    public SupervisedConfig supervised(Map<String, ?> settings) {
        if (!names().isEmpty()) {
            throw new IllegalArgumentException("--variant and --quick are of a CONFIG, and there is none");
        }
        return SupervisedConfig.of(settings, overrides);
    }

    private List<String> names() {
        var names = new ArrayList<>(variants);
        if (quick) {
            names.add(QUICK);
        }
        return names;
    }

    /** Reads a configuration, with its variants and overrides applied. */
    public RunConfig read(Path config) {
        classPath.apply();
        RunConfig run = RunConfig.read(config, names(), overrides);
        if (run.model() instanceof RunConfig.Start.Checkpoint checkpoint) {
            ModelOptions.requireFolder(checkpoint.path());
        }
        return run;
    }
}
