package org.rlvr4j.tensor;

class VectorBackendTest implements BackendContract {

    private static final Backend BACKEND = new VectorBackend(2);

    @Override
    public Backend backend() {
        return BACKEND;
    }
}
