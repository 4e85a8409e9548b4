package org.rlvr4j.cli.option;

import picocli.CommandLine.Option;

/** Options of the commands that generate several sequences together. */
public final class BatchOptions {

    @Option(
            names = "--max-sequences",
            paramLabel = "N",
            description = "sequences that are generated together (default: ${DEFAULT-VALUE})",
            defaultValue = "16")
    private int maxSequences;

    /** Most sequences that are generated together. */
    public int maxSequences() {
        return maxSequences;
    }
}
