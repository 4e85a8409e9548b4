package org.rlvr4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/** SHA-256 in hexadecimal digits. */
final class Sha256 {

    private static final int BLOCK = 1 << 20; // bytes

    private Sha256() {}

    static String of(String text) {
        return HexFormat.of().formatHex(digest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Of a file, of which there is never more than a block in memory. */
    static String of(Path file) {
        MessageDigest digest = digest();
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        try (var channel = FileChannel.open(file)) {
            while (channel.read(block) >= 0) {
                digest.update(block.flip());
                block.clear();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Of the files of a folder whose whole names match the pattern, by name. */
    static SortedMap<String, String> of(Path folder, String names) {
        var hashes = new TreeMap<String, String>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (name.matches(names)) {
                    hashes.put(name, of(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder + ": " + e.getMessage(), e);
        }
        return hashes;
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
