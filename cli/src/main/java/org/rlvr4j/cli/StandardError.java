package org.rlvr4j.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;

/**
 * Standard error of a process that scripts/start-java has started: there file descriptor 2 is a filter that drops one
 * warning of the virtual machine, and the true standard error is another descriptor, which a property names.
 */
final class StandardError {

    /** Property with the number of the true standard error's file descriptor. */
    private static final String PROPERTY = "rlvr4j.stderr";

    private StandardError() {}

    /** Lets {@link System#err} print to the true standard error, if the launcher has put that elsewhere. */
    static void restore() {
        Integer descriptor = Integer.getInteger(PROPERTY);
        if (descriptor != null) {
            System.setErr(new PrintStream(new FileOutputStream(file(descriptor)), true, System.err.charset()));
        }
    }

    private static FileDescriptor file(int descriptor) {
        try {
            Constructor<FileDescriptor> constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
            constructor.setAccessible(true);
            return constructor.newInstance(descriptor);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("standard error cannot be file descriptor " + descriptor, e);
        }
    }
}
