package org.rlvr4j.run.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sealed folder: a folder that is either complete or absent. It is written under another name, its files are hashed
 * into a manifest and forced to disk, and only then it is renamed. Files that were written otherwise, or have changed
 * since, are detected.
 */
public final class SealedFolder {

    /** Name of the file with the SHA-256 of every other file of the folder. */
    public static final String MANIFEST = "manifest.json";

    /** Suffix of the name of a folder that is being written or removed. */
    public static final String UNFINISHED = ".part";

    private static final String OLD = ".old";

    private static final long LARGEST_MANIFEST = 1 << 24; // bytes; a larger file was not written by this class

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private SealedFolder() {}

    /** Content of a folder: writes its files. */
    public interface Content {

        /**
         * Writes the files.
         *
         * @param folder empty folder to write into; it is renamed later
         * @throws IOException if a file cannot be written
         */
        void write(Path folder) throws IOException;
    }

    /**
     * Writes a sealed folder, which replaces an earlier sealed folder or checkpoint of that name as a whole.
     *
     * @param folder  folder to write
     * @param content writes the files of the folder
     * @throws UncheckedIOException if the folder cannot be written, or has other files
     */
    public static void write(Path folder, Content content) {
        Path unfinished = unfinished(folder);
        try {
            removeTree(unfinished);
            createFolder(unfinished.toAbsolutePath());
            content.write(unfinished);
            String manifest = JSON.writeValueAsString(hashes(unfinished));
            force(unfinished);
            Files.writeString(unfinished.resolve(MANIFEST), manifest); // last: the files it lists are on disk by now
            force(unfinished);
            replace(folder, unfinished);
        } catch (IOException e) {
            discard(unfinished);
            throw FileFailure.writing(folder, e);
        } catch (UncheckedIOException e) {
            discard(unfinished);
            throw e;
        }
    }

    /**
     * Renames the new folder; an earlier folder of this kind is renamed away first, anything else is left where it
     * is.
     */
    private static void replace(Path folder, Path unfinished) throws IOException {
        Path old = folder.resolveSibling(folder.getFileName() + OLD + UNFINISHED);
        removeTree(old);
        if (Files.exists(folder.resolve("config.json")) || Files.exists(folder.resolve(MANIFEST))) {
            Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
        forceFolder(folder.toAbsolutePath().getParent());
        removeTree(old);
    }

    /** Removes an unfinished folder, as the disk may be full. */
    private static void discard(Path unfinished) {
        try {
            removeTree(unfinished);
        } catch (IOException e) {
            // the first failure is reported; the next writer removes the folder
        }
    }

    /**
     * Checks that a folder is as it was written.
     *
     * @param folder the folder
     * @return the first damage that was found, as a clause such as {@code "state.json is missing"}: a file that is
     *     changed, missing or additional; empty if the folder is undamaged
     */
    public static Optional<String> damage(Path folder) {
        try {
            if (!Files.exists(folder.resolve(MANIFEST))) {
                return Optional.of(MANIFEST + " is missing");
            }
            if (!Files.isRegularFile(folder.resolve(MANIFEST), LinkOption.NOFOLLOW_LINKS)
                    || Files.size(folder.resolve(MANIFEST)) > LARGEST_MANIFEST) {
                return Optional.of(MANIFEST + " is not what was written");
            }
            String manifest = Files.readString(folder.resolve(MANIFEST));
            SortedMap<String, String> found = hashes(folder);
            if (manifest.equals(JSON.writeValueAsString(found))) {
                return Optional.empty();
            }
            Map<String, String> written = JSON.readValue(manifest, new TypeReference<>() {});
            return Optional.of(difference(Objects.requireNonNullElse(written, Map.of()), found));
        } catch (JacksonException | CharacterCodingException e) {
            return Optional.of(MANIFEST + " is not what was written");
        } catch (IOException e) {
            return Optional.of("it cannot be read: " + FileFailure.reason(e));
        } catch (UncheckedIOException e) {
            return Optional.of("it cannot be read: " + e.getMessage());
        }
    }

    private static String difference(Map<String, String> written, Map<String, String> found) {
        var names = new TreeSet<>(written.keySet());
        names.addAll(found.keySet());
        return names.stream()
                .filter(name -> !found.getOrDefault(name, "").equals(written.get(name)))
                .map(name -> name + (found.containsKey(name) ? " is not what was written" : " is missing"))
                .findFirst()
                .orElse(MANIFEST + " is not what was written");
    }

    /**
     * Digest of a sealed folder: SHA-256 of its manifest, equal for equal files.
     *
     * @param folder the folder
     */
    public static String digest(Path folder) {
        return Sha256.of(folder.resolve(MANIFEST));
    }

    /**
     * Removes a folder with its files, if it exists. It is renamed first, so that a part of it never has its name.
     *
     * @param folder the folder
     */
    public static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            Path unfinished = unfinished(folder);
            removeTree(unfinished);
            Files.move(folder, unfinished, StandardCopyOption.ATOMIC_MOVE);
            removeTree(unfinished);
        }
    }

    /**
     * Removes a folder with its files, file by file, if it exists.
     *
     * @param folder the folder
     */
    public static void removeTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** SHA-256 of all files but the manifest, by name. */
    private static SortedMap<String, String> hashes(Path folder) throws IOException {
        var hashes = new TreeMap<String, String>();
        for (Path file : list(folder)) {
            String name = file.getFileName().toString();
            if (!name.equals(MANIFEST)) {
                hashes.put(name, Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Sha256.of(file) : "not a file");
            }
        }
        return hashes;
    }

    private static Path unfinished(Path folder) {
        return folder.resolveSibling(folder.getFileName() + UNFINISHED);
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** Creates a folder and its parents, and forces their entries to disk. */
    private static void createFolder(Path folder) throws IOException {
        Path parent = folder.getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            createFolder(parent);
        }
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(folder);
            forceFolder(parent);
        }
    }

    /** Forces the files of a folder, and the folder, to disk. */
    private static void force(Path folder) throws IOException {
        for (Path file : list(folder)) {
            try (var channel = FileChannel.open(file)) {
                channel.force(true);
            }
        }
        forceFolder(folder);
    }

    /**
     * Forces a folder's entries to disk, without which a rename may be lost; only POSIX needs this, and can open
     * folders.
     */
    private static void forceFolder(@Nullable Path folder) throws IOException {
        if (folder != null
                && folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (var channel = FileChannel.open(folder)) {
                channel.force(true);
            }
        }
    }
}
