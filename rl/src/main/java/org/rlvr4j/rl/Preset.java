package org.rlvr4j.rl;

/** Preset: the source of a published method's settings, as the papers and the code published with DCPO differ. */
public enum Preset {
    /** The papers, with DCPO's three-valued reward for all, as DCPO's authors compare them. */
    PAPER,
    /** The scripts published with DCPO, as they really ran. */
    SCRIPT;

    /**
     * The published method with the settings of this source.
     *
     * @param algorithm published method
     */
    public Method of(Method.Algorithm algorithm) {
        return this == PAPER ? algorithm.paper() : algorithm.script();
    }
}
