package org.rlvr4j.run.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Failures of reading and writing files, with messages that name the file and the reason. */
public final class FileFailure {

    private FileFailure() {}

    /**
     * Failure to read a file or folder.
     *
     * @param file the file or folder
     * @param e    the cause
     */
    public static UncheckedIOException reading(Path file, IOException e) {
        return of("cannot read " + file, e);
    }

    /**
     * Failure to write a file.
     *
     * @param file the file
     * @param e    the cause
     */
    public static UncheckedIOException writing(Path file, IOException e) {
        return of("cannot write " + file, e);
    }

    /**
     * Failure to write into a folder.
     *
     * @param folder the folder
     * @param e      the cause
     */
    public static UncheckedIOException writingTo(Path folder, IOException e) {
        return of("cannot write to " + folder, e);
    }

    /**
     * Any other failure.
     *
     * @param failure words for what failed, with the file, to which the reason is added
     * @param e       reason of the failure
     */
    public static UncheckedIOException of(String failure, IOException e) {
        return new UncheckedIOException(failure + ": " + reason(e), e);
    }

    /**
     * The reason of a failure, in words.
     *
     * @param e the failure
     */
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
