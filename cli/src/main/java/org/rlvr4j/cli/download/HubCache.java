package org.rlvr4j.cli.download;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A repository's place in the cache that all of Hugging Face's tools share: contents in {@code blobs} under their
 * checksums, {@code snapshots} of commits with links to them, and {@code refs} from branches and tags to commits.
 *
 * @param root the folder of all repositories
 */
record HubCache(Path root, Repository repository) {

    /** The commit that the revision was when it was last downloaded. */
    Optional<String> commit() throws IOException {
        if (Listing.isCommit(repository.revision())) {
            return Optional.of(repository.revision());
        }
        return Files.exists(ref())
                ? Optional.of(Files.readString(ref()).strip()).filter(Listing::isCommit)
                : Optional.empty();
    }

    Path snapshot(String commit) {
        return folder().resolve("snapshots").resolve(commit);
    }

    Path blob(RemoteFile file) {
        return folder().resolve("blobs").resolve(file.checksum().hex());
    }

    /** What a process holds while it writes the blob. */
    Path lock(RemoteFile file) {
        return root.resolve(".locks")
                .resolve(repository.folder())
                .resolve(file.checksum().hex() + ".lock");
    }

    /** The files of a snapshot whose content is there. */
    List<String> files(String commit) throws IOException {
        Path snapshot = snapshot(commit);
        if (!Files.isDirectory(snapshot)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(snapshot)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> snapshot.relativize(file).toString().replace('\\', '/'))
                    .toList();
        }
    }

    /** Puts a blob in its place in the snapshot; as a copy where the file system has no links. */
    void link(String commit, RemoteFile file) throws IOException {
        Path place = snapshot(commit).resolve(file.path());
        if (Files.exists(place)) {
            return; // another process was faster
        }
        Path folder = Fetcher.parent(place);
        Path target = folder.relativize(blob(file));
        Files.createDirectories(folder);
        Files.deleteIfExists(place); // a link to a blob that was removed
        try {
            Files.createSymbolicLink(place, target);
        } catch (FileAlreadyExistsException e) {
            return;
        } catch (UnsupportedOperationException | IOException e) {
            Files.copy(blob(file), place);
        }
    }

    /** Says which commit the revision is, once all of it is there. */
    void publish(String commit) throws IOException {
        if (!commit().equals(Optional.of(commit))) {
            Files.createDirectories(Fetcher.parent(ref()));
            Path written = Files.createTempFile(Fetcher.parent(ref()), "ref", ".tmp");
            Files.writeString(written, commit);
            Files.move(written, ref(), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private Path folder() {
        return root.resolve(repository.folder());
    }

    private Path ref() {
        return folder().resolve("refs").resolve(repository.revision());
    }
}
