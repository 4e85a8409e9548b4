package org.rlvr4j.run.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Lock of a folder: one process at a time may write to it. The operating system releases the lock of a process that
 * dies; the lock file stays.
 */
public final class FolderLock implements AutoCloseable {

    private static final String FILE = ".lock";

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Locks a folder, which is created if it does not exist.
     *
     * @param folder folder to lock
     * @throws IllegalArgumentException if another process holds the lock
     * @throws UncheckedIOException     if the folder cannot be written to
     */
    public static FolderLock of(Path folder) {
        try {
            Files.createDirectories(folder);
            var channel = FileChannel.open(folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isTaken(channel)) {
                return new FolderLock(channel);
            }
            channel.close();
            throw new IllegalArgumentException(
                    "another process is writing to " + folder + ": wait for its end, or set another output");
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot write to " + folder + ": " + FileFailure.reason(e) + "; set another output", e);
        }
    }

    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() == null;
        } catch (OverlappingFileLockException e) { // this process holds the lock
            return true;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw FileFailure.of("cannot release a lock", e);
        }
    }
}
