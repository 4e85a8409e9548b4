package org.rlvr4j.rl;

import org.rlvr4j.rl.weight.SequenceMeanTokenSum;
import org.rlvr4j.rl.weight.TokenSum;
import org.rlvr4j.tensor.Require;

/**
 * Preset: the source of a published method's settings. The sources by DCPO's authors differ from one another in DCPO's only
 * token mean (OTM).
 */
public enum Preset {
    /** The papers, with DCPO's three-valued reward for all, as DCPO's authors compare them. */
    PAPER,
    /** The scripts published with DCPO, as they really ran from 20 December 2025 on (commit 2778707). */
    SCRIPT,
    /** The readme of 1 April 2026 in Chinese: the paper's formulas, but for an OTM that sums over a response's tokens. */
    README_ZH,
    /** The scripts published with DCPO before 20 December 2025, in which OTM was the sum over all tokens. */
    SCRIPT_BEFORE_2025_12;

    /**
     * The published method with the settings of this source.
     *
     * @param algorithm published method
     * @throws IllegalArgumentException if the source does not have the method
     */
    public Method of(Method.Algorithm algorithm) {
        boolean dcpo = algorithm == Method.Algorithm.DCPO;
        return switch (this) {
            case PAPER -> algorithm.paper();
            case SCRIPT -> algorithm.script();
            case README_ZH -> {
                Require.that(
                        algorithm.hasScript(),
                        "DCPO's readme does not describe " + algorithm + "; use the preset PAPER");
                yield dcpo ? algorithm.paper().with(new SequenceMeanTokenSum()) : algorithm.paper();
            }
            case SCRIPT_BEFORE_2025_12 -> dcpo ? algorithm.script().with(new TokenSum()) : algorithm.script();
        };
    }
}
