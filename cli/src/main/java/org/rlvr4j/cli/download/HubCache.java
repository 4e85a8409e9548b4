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
 * Cache of a repository, in the layout that all of Hugging Face's tools share: contents in {@code blobs}, named by
 * their checksums, {@code snapshots} of commits with links to blobs, and {@code refs} from branches and tags to
 * commits.
 *
 * @param root       folder of all repositories
 * @param repository repository, with its revision
 */
record HubCache(Path root, Repository repository) {

    /** The commit of the revision when it was last downloaded; empty if it never was. */
    Optional<String> commit() throws IOException {
        if (Listing.isCommit(repository.revision())) {
            return Optional.of(repository.revision());
        }
        return Files.exists(ref())
                ? Optional.of(Files.readString(ref()).strip()).filter(Listing::isCommit)
                : Optional.empty();
    }

    /** Folder with the files of a commit. */
    Path snapshot(String commit) {
        return folder().resolve("snapshots").resolve(commit);
    }

    /** Path of a file's content. */
    Path blob(RemoteFile file) {
        return folder().resolve("blobs").resolve(file.checksum().hex());
    }

    /** Path of the lock file for writing a blob. */
    Path lock(RemoteFile file) {
        return root.resolve(".locks")
                .resolve(repository.folder())
                .resolve(file.checksum().hex() + ".lock");
    }

    /** Paths of the files of a snapshot whose content exists, relative to the snapshot and with slashes. */
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

    /** Links a file of a snapshot to its blob, or copies the blob if the file system has no links. */
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

    /** Records the commit of the revision, after all its files are downloaded. */
    void publish(String commit) throws IOException {
        if (!commit().equals(Optional.of(commit))) {
            Files.createDirectories(Fetcher.parent(ref()));
            Path temporary = Files.createTempFile(Fetcher.parent(ref()), "ref", ".tmp");
            Files.writeString(temporary, commit);
            Files.move(temporary, ref(), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private Path folder() {
        return root.resolve(repository.folder());
    }

    private Path ref() {
        return folder().resolve("refs").resolve(repository.revision());
    }
}
