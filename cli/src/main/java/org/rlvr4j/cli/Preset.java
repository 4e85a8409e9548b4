package org.rlvr4j.cli;

import org.rlvr4j.rl.Method;

/** Where paper and published code differ, which of them is followed. */
enum Preset {
    PAPER,
    SCRIPT;

    Method of(Method.Algorithm algorithm) {
        return this == PAPER ? algorithm.paper() : algorithm.script();
    }
}
