package org.rlvr4j.cli.option;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Protocol.Form;
import org.rlvr4j.run.evaluation.Drawing;
import org.rlvr4j.run.evaluation.ProtocolChoice;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that replace parts of the suites' own protocols: how problems are asked, and answers drawn and judged. */
public final class ProtocolOptions {

    @Mixin
    private RewardOptions verifier = new RewardOptions();

    @Option(
            names = "--suffix",
            paramLabel = "TEXT",
            description = "text after each question, in place of what a suite puts around it")
    private @Nullable String suffix;

    @Option(
            names = "--few-shot",
            paramLabel = "FILE:N",
            description = "N examples before each problem: the first of a file of questions with answers")
    private @Nullable String fewShot;

    @Option(
            names = "--form",
            paramLabel = "FORM",
            description =
                    "of the prompts: CHAT, by the chat template, with examples as turns (the default), or TEXT, without"
                            + " one: Question: ..., Answer: ...")
    private @Nullable Form form;

    @Option(
            names = "--samples",
            paramLabel = "K",
            description =
                    "completions per problem of Avg@k; 0 for Avg@1 alone (default: 32 of the suites for which that is"
                            + " usual)")
    private @Nullable Integer samples;

    @Option(
            names = "--sampled",
            paramLabel = "SUITE",
            description = "the only suites whose Avg@k is measured",
            split = ",")
    private @Nullable List<String> sampled;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "of the completions of Avg@k (default: ${DEFAULT-VALUE})",
            defaultValue = "1")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "draws those from the K most likely tokens only; 0 for all (default: ${DEFAULT-VALUE})",
            defaultValue = "0")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "draws those from the fewest tokens that have this probability together (default:"
                    + " ${DEFAULT-VALUE})",
            defaultValue = "1")
    private double topP;

    /** What replaces the suites' own protocols. */
    public ProtocolChoice protocol() {
        return new ProtocolChoice(
                verifier.settings(), form, suffix, fewShot == null ? null : ProtocolChoice.FewShot.parse(fewShot));
    }

    /** How the completions of Avg@k are drawn, and of which suites. */
    public Drawing drawing() {
        return new Drawing(samples, sampled, temperature, topK, topP);
    }
}
