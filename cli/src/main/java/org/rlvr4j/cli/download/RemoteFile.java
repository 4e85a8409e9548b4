package org.rlvr4j.cli.download;

import java.nio.file.Path;

/**
 * Remote file, as the server describes it.
 *
 * @param path     path relative to the folder of the download, with slashes
 * @param size     size in bytes, or {@link #UNKNOWN}
 * @param checksum checksum of the content
 */
record RemoteFile(String path, long size, Checksum checksum) {

    static final long UNKNOWN = -1;

    RemoteFile {
        requireInside(path);
    }

    /**
     * Returns a path that stays inside the folder it is relative to.
     *
     * @throws IllegalArgumentException if the path could lead out of the folder
     */
    static String requireInside(String path) {
        Path relative = Path.of(path);
        boolean isPlain = relative.getRoot() == null && relative.equals(relative.normalize());
        if (path.isEmpty() || !isPlain || relative.startsWith("..")) {
            throw new IllegalArgumentException("\"" + path + "\" is refused as the name of a file");
        }
        return path;
    }
}
