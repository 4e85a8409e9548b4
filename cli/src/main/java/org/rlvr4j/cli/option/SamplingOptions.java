package org.rlvr4j.cli.option;

import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.evaluation.ModelChoice;
import picocli.CommandLine.Option;

/** Options of the commands that print what a model says. */
public final class SamplingOptions {

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0 for the most likely token each time (default: ${DEFAULT-VALUE})",
            defaultValue = "0")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "draws from the K most likely tokens only; 0 for all (default: ${DEFAULT-VALUE})",
            defaultValue = "0")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description =
                    "draws from the fewest tokens that have this probability together (default: ${DEFAULT-VALUE})",
            defaultValue = "1")
    private double topP;

    /** Sampling of so many answers, with the length and the seed of the choice. */
    public Sampling sampling(int samples, ModelChoice choice) {
        return new Sampling(samples, temperature, topK, topP, choice.maxNewTokens(), choice.seed());
    }
}
