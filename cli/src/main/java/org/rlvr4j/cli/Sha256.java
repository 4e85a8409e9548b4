package org.rlvr4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import org.rlvr4j.cli.download.Checksum;

/** SHA-256 in hexadecimal digits. */
final class Sha256 {

    private Sha256() {}

    static String of(String text) {
        return HexFormat.of().formatHex(Checksum.Kind.SHA256.digest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Of a file. */
    static String of(Path file) {
        try {
            return Checksum.of(Checksum.Kind.SHA256, file).hex();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
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
}
