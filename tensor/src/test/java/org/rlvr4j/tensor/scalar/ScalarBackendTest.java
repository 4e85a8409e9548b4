package org.rlvr4j.tensor.scalar;

import org.junit.jupiter.api.Tag;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.BackendContract;

/** The definition in single precision is that in double precision within rounding. */
@Tag("full")
class ScalarBackendTest implements BackendContract {

    private static final Backend BACKEND = new ScalarBackend();

    @Override
    public Backend backend() {
        return BACKEND;
    }
}
