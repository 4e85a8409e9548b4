package org.rlvr4j.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The right to write to a folder, which one process has at a time. The operating system takes it back from a process that
 * dies; the file that it is tied to stays.
 */
public final class FolderLock implements AutoCloseable {

    private static final String FILE = ".lock";

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Makes the folder if there is none.
     *
     * @throws IllegalArgumentException if another process has it
     * @throws UncheckedIOException     if it cannot be written to
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
                    "cannot write to " + folder + ": " + SealedFolder.reason(e) + "; set another output", e);
        }
    }

    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() == null;
        } catch (OverlappingFileLockException e) { // by this process
            return true;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot release a lock: " + SealedFolder.reason(e), e);
        }
    }
}
