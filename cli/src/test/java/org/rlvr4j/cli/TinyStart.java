package org.rlvr4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.rlvr4j.run.files.SealedFolder;

/** Gives a test what tiny runs start from, which is made once for all classes. */
final class TinyStart implements ParameterResolver {

    private record Made(TinyRun tiny) implements AutoCloseable {

        static Made now() {
            try {
                return new Made(TinyRun.in(Files.createTempDirectory("tiny")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            SealedFolder.removeTree(tiny.home());
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TinyRun.class;
    }

    @Override
    public TinyRun resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(TinyStart.class))
                .getOrComputeIfAbsent(Made.class, _ -> Made.now(), Made.class)
                .tiny();
    }
}
