package org.rlvr4j.cli.download;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * Fetcher of single files: a file appears in its place only when it is complete and has the expected content, and one
 * process at a time fetches it.
 *
 * @param transport HTTP client
 */
record Fetcher(Transport transport) {

    /**
     * Fetches a file unless it exists.
     *
     * @param from   address of the file
     * @param file   size and checksum of the file
     * @param to     path to write
     * @param lock   file that is locked during the download
     * @param length receives the number of bytes downloaded so far
     * @throws IOException if the download fails, or the content has another checksum
     */
    void fetch(URI from, RemoteFile file, Path to, Path lock, LongConsumer length) throws IOException {
        Files.createDirectories(parent(to));
        Files.createDirectories(parent(lock));
        try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            if (Files.exists(to)) {
                return; // another process was faster
            }
            Path part = part(to);
            transport.download(from, part, file.size(), length);
            if (!file.checksum().matches(part)) {
                Files.delete(part);
                throw new IOException("the content of " + file.path() + " has not the checksum "
                        + file.checksum().hex() + ", and was removed");
            }
            Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Number of bytes of an unfinished download of the file. */
    static long length(Path to) throws IOException {
        return Files.exists(part(to)) ? Files.size(part(to)) : 0;
    }

    /** The folder that a file lies in. */
    static Path parent(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }

    private static Path part(Path to) {
        return to.resolveSibling(to.getFileName() + ".incomplete");
    }
}
