package org.rlvr4j.tornado.library;

import java.util.Optional;
import java.util.ServiceLoader;

/** Library that multiplies matrices on a device's tensor cores; found by {@link ServiceLoader}. */
public interface ProductLibrary {

    /** Name by which TornadoVM finds the provider that runs products, as in a task of a graph. */
    String name();

    /** Reason why the library cannot be used, in one clause; empty if it can. */
    Optional<String> obstacle();

    /** The library on the class path; empty if there is none. */
    static Optional<ProductLibrary> found() {
        return ServiceLoader.load(ProductLibrary.class).findFirst();
    }
}
