package org.rlvr4j.cli;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;

/**
 * What became of an input.
 *
 * @param fault what is wrong with how it was read, or nothing
 * @param bytes allocated on the way, which is at least what was held at once
 */
record InputTrial(boolean isRead, String fault, long nanos, long bytes) {

    static final long MOST_BYTES = 64 << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static InputTrial of(InputFormat format, byte[] input) throws IOException {
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long start = THREADS.getCurrentThreadCpuTime();
        Throwable thrown = null;
        try {
            format.reader().read(input);
        } catch (RuntimeException | Error e) {
            thrown = e;
        }
        long nanos = THREADS.getCurrentThreadCpuTime() - start;
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - allocated - input.length;
        String fault = thrown == null ? "" : fault(thrown, format);
        if (fault.isEmpty() && bytes > MOST_BYTES) {
            fault = "allocates " + (bytes >> 20) + " MB";
        }
        return new InputTrial(thrown == null, fault, nanos, bytes);
    }

    /** A rejection is one of two types, and one line that names the file. */
    private static String fault(Throwable thrown, InputFormat format) {
        String message = String.valueOf(thrown.getMessage());
        boolean typed =
                thrown.getClass() == IllegalArgumentException.class || thrown.getClass() == UncheckedIOException.class;
        if (!typed) {
            return "is rejected by " + thrown + " at " + thrown.getStackTrace()[0];
        }
        if (!message.contains(format.name())) {
            return "is rejected without the file's name: " + message;
        }
        return message.length() <= 1000 && message.lines().count() == 1 ? "" : "is rejected at length: " + message;
    }
}
