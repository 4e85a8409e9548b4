package org.rlvr4j.cli.download;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Checksum of a file's content. The Hub names content by it, so it is also the ETag and a safe file name.
 *
 * @param kind kind of the checksum
 * @param hex  hexadecimal digits, which are converted to lower case
 */
public record Checksum(Kind kind, String hex) {

    /** Kind of checksum, which the Hub chooses by the size of a file. */
    public enum Kind {
        /** SHA-256 of the content, for large files. */
        SHA256("SHA-256", 64),
        /** Git's name of a blob, for all other files: SHA-1 of "blob", the size, a zero byte and the content. */
        GIT_BLOB("SHA-1", 40);

        private final String algorithm;
        private final int digits;

        Kind(String algorithm, int digits) {
            this.algorithm = algorithm;
            this.digits = digits;
        }

        /** A new digest without input. */
        public MessageDigest digest() {
            try {
                return MessageDigest.getInstance(algorithm);
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every Java has " + algorithm, e);
            }
        }
    }

    /** @throws IllegalArgumentException if {@code hex} has other characters or another length than the kind */
    public Checksum {
        hex = hex.toLowerCase(Locale.ROOT);
        if (!hex.matches("[0-9a-f]{" + kind.digits + "}")) {
            throw new IllegalArgumentException(
                    "\"" + hex + "\" is no " + kind.algorithm + " of " + kind.digits + " hexadecimal digits");
        }
    }

    /** Whether the file has this checksum. */
    boolean matches(Path file) throws IOException {
        return of(kind, file).equals(this);
    }

    /**
     * Computes the checksum of a file; only one block of it is in memory at a time.
     *
     * @throws IOException if the file cannot be read
     */
    public static Checksum of(Kind kind, Path file) throws IOException {
        MessageDigest digest = kind.digest();
        if (kind == Kind.GIT_BLOB) {
            digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        try (var in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return new Checksum(kind, HexFormat.of().formatHex(digest.digest()));
    }
}
