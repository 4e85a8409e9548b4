package org.rlvr4j.cli.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.rlvr4j.cli.screen.Screen;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Pinned file: a file at a web address, whose content is known by its checksum.
 *
 * @param from address of the file
 * @param file name, size and checksum of the file
 */
record PinnedFile(URI from, RemoteFile file) {

    PinnedFile {
        if (from.getHost() == null || !String.valueOf(from.getScheme()).matches("https?")) {
            throw new IllegalArgumentException(from + " is no address of the form https://HOST/FILE");
        }
    }

    /** Problem files for evaluation, and some for training. */
    static List<PinnedFile> problems() {
        try (InputStream table = PinnedFile.class.getResourceAsStream("problems.yaml")) {
            return Stream.of(new YAMLMapper().readValue(Objects.requireNonNull(table), Row[].class))
                    .map(Row::pinned)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the table of problems", e);
        }
    }

    /**
     * Fetches the file unless it exists.
     *
     * @param to        path to write
     * @param settings  folder of locks, and whether the network must not be used
     * @param transport HTTP client
     * @param screen    place where the address is printed
     * @throws IllegalArgumentException if another file has that path, or the network must not be used
     * @throws UncheckedIOException     if the download fails
     */
    void fetch(Path to, HubSettings settings, Transport transport, Screen screen) {
        try {
            if (Files.exists(to)) {
                if (!file.checksum().matches(to)) {
                    throw new IllegalArgumentException(to + " is another file than the one from " + address()
                            + ": remove it, or choose another place");
                }
                return;
            }
            if (settings.isOffline()) {
                throw new IllegalArgumentException("HF_HUB_OFFLINE is set, and there is no " + to);
            }
            screen.out().println(address());
            Path lock =
                    settings.cache().resolve(".locks/files/" + file.checksum().hex() + ".lock");
            new Fetcher(transport).fetch(from, file, to, lock, _ -> {});
        } catch (IOException e) {
            String reason = Objects.requireNonNullElse(e.getMessage(), "nobody answers");
            throw new UncheckedIOException("cannot download " + address() + ": " + reason, e);
        }
    }

    /** The address without its query, which may hold a secret. */
    private String address() {
        return from.getScheme() + "://" + from.getHost() + from.getPath();
    }

    /**
     * Row of the table of problem files.
     *
     * @param name   path of the file in the folder of problems
     * @param from   address of the file
     * @param size   size in bytes
     * @param sha256 SHA-256 of the content, in hexadecimal digits
     */
    private record Row(String name, URI from, long size, String sha256) {

        PinnedFile pinned() {
            return new PinnedFile(from, new RemoteFile(name, size, new Checksum(Checksum.Kind.SHA256, sha256)));
        }
    }
}
