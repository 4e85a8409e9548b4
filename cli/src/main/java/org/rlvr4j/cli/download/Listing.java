package org.rlvr4j.cli.download;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Listing of the files of a repository at one commit.
 *
 * @param commit name of the commit, 40 hexadecimal digits
 * @param files  files with their sizes and checksums
 */
record Listing(String commit, List<RemoteFile> files) {

    private static final JsonMapper JSON = new JsonMapper();

    Listing {
        if (!isCommit(commit)) {
            throw new IllegalArgumentException("the Hub's listing names no commit: \"" + commit + "\"");
        }
        files = List.copyOf(files);
    }

    /** Whether a revision is the full name of a commit. */
    static boolean isCommit(String revision) {
        return revision.matches("[0-9a-f]{40}");
    }

    /**
     * Reads a listing from the Hub's answer.
     *
     * @param json answer about a revision, with blobs, in JSON
     * @throws IllegalArgumentException if the answer is not a listing
     */
    static Listing parse(byte[] json) {
        try {
            JsonNode root = JSON.readTree(json);
            var files = new ArrayList<RemoteFile>();
            for (JsonNode sibling : root.path("siblings")) {
                files.add(file(sibling));
            }
            return new Listing(root.path("sha").asString(""), files);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the Hub's listing is not valid JSON", e);
        }
    }

    private static RemoteFile file(JsonNode sibling) {
        JsonNode lfs = sibling.path("lfs");
        Checksum checksum = lfs.isObject()
                ? new Checksum(Checksum.Kind.SHA256, lfs.path("sha256").asString(""))
                : new Checksum(Checksum.Kind.GIT_BLOB, sibling.path("blobId").asString(""));
        long size = sibling.path("size").asLong(lfs.path("size").asLong(RemoteFile.UNKNOWN));
        String path = sibling.path("rfilename").asString("");
        if (size < 0) {
            throw new IllegalArgumentException("the Hub's listing has no size of " + path);
        }
        return new RemoteFile(path, size, checksum);
    }
}
