package org.rlvr4j.model.generate;

/** Generator that holds memory between calls, which can be freed; the next call takes it again. */
public interface ClosableGenerator extends Generator, AutoCloseable {

    @Override
    void close();
}
