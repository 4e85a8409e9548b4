package org.rlvr4j.cli.option;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RewardSetting;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that judge answers without a configuration. */
public final class RewardOptions {

    @Option(
            names = {"--verifier", "--reward"},
            paramLabel = "KIND",
            description =
                    "who judges the answers: boxed, number, strict-match, flexible-extract, choice, exact, countdown"
                        + " or json, or a Java source file with a verifier; the first says what is right (default: the"
                        + " suite's own)",
            split = ",")
    private @Nullable List<String> parts;

    @Mixin
    private ClassPathOption classPath = new ClassPathOption();

    /** The parts of the reward; null for each suite's own. */
    @Nullable
    public List<RewardSetting> settings() {
        classPath.apply();
        return parts == null ? null : Configs.rewards(parts);
    }
}
