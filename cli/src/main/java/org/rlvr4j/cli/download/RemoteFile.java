package org.rlvr4j.cli.download;

import java.nio.file.Path;

/**
 * A file as its home announces it.
 *
 * @param path relative to where the file will lie, with slashes
 * @param size in bytes, or {@link #UNKNOWN}
 */
record RemoteFile(String path, long size, Checksum checksum) {

    static final long UNKNOWN = -1;

    RemoteFile {
        requireInside(path);
    }

    /** Refuses a name that could lead out of the folder it is relative to. */
    static String requireInside(String path) {
        Path relative = Path.of(path);
        boolean isPlain = relative.getRoot() == null && relative.equals(relative.normalize());
        if (path.isEmpty() || !isPlain || relative.startsWith("..")) {
            throw new IllegalArgumentException("\"" + path + "\" is refused as the name of a file");
        }
        return path;
    }
}
