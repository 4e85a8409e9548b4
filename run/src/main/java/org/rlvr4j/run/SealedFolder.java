package org.rlvr4j.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
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
 * Folders that are either whole or not there: written under another name, hashed file by file into a manifest, forced
 * to disk, and only then renamed. What was not written so, or has changed since, is noticed.
 */
public final class SealedFolder {

    public static final String MANIFEST = "manifest.json";

    /** Ends the name of a folder that is being written or removed. */
    public static final String UNFINISHED = ".part";

    private static final String OLD = ".old";

    private static final long LARGEST_MANIFEST = 1 << 24; // bytes: what is larger was not written here

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private SealedFolder() {}

    /** Writes the files of a folder. */
    public interface Content {
        void write(Path folder) throws IOException;
    }

    /**
     * Replaces what an earlier run may have left in the folder.
     *
     * @throws UncheckedIOException if it cannot be written, or holds something else
     */
    public static void write(Path folder, Content content) {
        Path unfinished = unfinished(folder);
        try {
            removeTree(unfinished);
            createFolder(unfinished.toAbsolutePath());
            content.write(unfinished);
            String manifest = JSON.writeValueAsString(hashes(unfinished));
            force(unfinished);
            Files.writeString(unfinished.resolve(MANIFEST), manifest); // last, as what it speaks of is on the disk
            force(unfinished);
            replace(folder, unfinished);
        } catch (IOException e) {
            discard(unfinished);
            throw new UncheckedIOException("cannot write " + folder + ": " + reason(e), e);
        } catch (UncheckedIOException e) {
            discard(unfinished);
            throw e;
        }
    }

    /** An earlier folder of this kind makes way at once, as a whole; anything else is left where it is. */
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

    /** Gives room back on a disk that may be full. */
    private static void discard(Path unfinished) {
        try {
            removeTree(unfinished);
        } catch (IOException e) {
            // the failure that led here says more, and what is left is removed by the next that writes
        }
    }

    /** What of a folder is not as it was written, if anything: a file that changed, is missing, or is one too many. */
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
            return Optional.of("it cannot be read: " + reason(e));
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

    /** Names a whole folder's content: equal files give equal names. */
    public static String digest(Path folder) {
        return Sha256.of(folder.resolve(MANIFEST));
    }

    /** Removes a folder and what is in it, if it is there: at once it is gone by its name, which half of it never has. */
    public static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            Path unfinished = unfinished(folder);
            removeTree(unfinished);
            Files.move(folder, unfinished, StandardCopyOption.ATOMIC_MOVE);
            removeTree(unfinished);
        }
    }

    /** Removes a folder that has no name to lose. */
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

    /** Hash by name, of all but the manifest. */
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

    /** Makes a folder, and those that it lies in, whose entries are then on the disk. */
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

    private static void force(Path folder) throws IOException {
        for (Path file : list(folder)) {
            try (var channel = FileChannel.open(file)) {
                channel.force(true);
            }
        }
        forceFolder(folder);
    }

    /** Names and renames are on the disk only when the folder is; where a folder cannot be opened, it need not be. */
    private static void forceFolder(@Nullable Path folder) throws IOException {
        if (folder != null
                && folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (var channel = FileChannel.open(folder)) {
                channel.force(true);
            }
        }
    }

    /** What is wrong, in words. */
    public static String reason(IOException e) {
        return switch (e) {
            case FileAlreadyExistsException taken -> taken.getFile() + " is no folder";
            case NoSuchFileException missing -> "there is no " + missing.getFile();
            case AccessDeniedException denied -> "permission denied to " + denied.getFile();
            case DirectoryNotEmptyException full -> full.getFile() + " holds other files";
            case FileSystemException system when system.getReason() != null -> system.getReason();
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }
}
