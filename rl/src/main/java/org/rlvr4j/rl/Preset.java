package org.rlvr4j.rl;

/** Source of a published method's settings where its paper and the code published with DCPO differ. */
public enum Preset {
    /** The papers' text, with DCPO's three-valued reward for all, as its authors compare them. */
    PAPER,
    /** The scripts published with DCPO, as they really ran. */
    SCRIPT;

    /** The method by this source. */
    public Method of(Method.Algorithm algorithm) {
        return this == PAPER ? algorithm.paper() : algorithm.script();
    }
}
