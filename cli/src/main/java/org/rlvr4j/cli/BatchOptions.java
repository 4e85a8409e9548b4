package org.rlvr4j.cli;

import picocli.CommandLine.Option;

/** Options of the commands that generate several sequences together. */
final class BatchOptions {

    @Option(
            names = "--max-sequences",
            paramLabel = "N",
            description = "sequences that are generated together (default: ${DEFAULT-VALUE})",
            defaultValue = "16")
    private int maxSequences;

    /** Most sequences that are generated together. */
    int maxSequences() {
        return maxSequences;
    }
}
