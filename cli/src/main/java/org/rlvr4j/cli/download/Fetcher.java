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

/** Brings a file to its place: whole, with the content it should have, and by one process at a time. */
record Fetcher(Transport transport) {

    /**
     * Fetches a file unless it is there.
     *
     * @param lock   a file that is locked meanwhile
     * @param length is told how many bytes of the file are there
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

    /** How many bytes of the file are there already. */
    static long length(Path to) throws IOException {
        return Files.exists(part(to)) ? Files.size(part(to)) : 0;
    }

    static Path parent(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }

    private static Path part(Path to) {
        return to.resolveSibling(to.getFileName() + ".incomplete");
    }
}
