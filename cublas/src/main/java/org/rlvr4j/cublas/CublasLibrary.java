package org.rlvr4j.cublas;

import java.util.Optional;
import org.rlvr4j.tornado.library.ProductLibrary;

/** cuBLAS, as a library that the backend may choose for its products. */
public final class CublasLibrary implements ProductLibrary {

    static final String NAME = "rlvr4j/cublas";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<String> obstacle() {
        return Cublas.obstacle();
    }
}
