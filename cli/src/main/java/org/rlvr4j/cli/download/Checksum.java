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
 * The fingerprint of a file's content. The Hub names content by it, which makes it the ETag and a safe file name too.
 *
 * @param hex in lower case
 */
public record Checksum(Kind kind, String hex) {

    /** What it is computed of, and how. */
    public enum Kind {
        /** Large files. */
        SHA256("SHA-256", 64),
        /** All others, as git names them: SHA-1 of "blob", the size, a zero byte and the content. */
        GIT_BLOB("SHA-1", 40);

        private final String algorithm;
        private final int digits;

        Kind(String algorithm, int digits) {
            this.algorithm = algorithm;
            this.digits = digits;
        }

        /** A new digest of nothing yet. */
        public MessageDigest digest() {
            try {
                return MessageDigest.getInstance(algorithm);
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every Java has " + algorithm, e);
            }
        }
    }

    public Checksum {
        hex = hex.toLowerCase(Locale.ROOT);
        if (!hex.matches("[0-9a-f]{" + kind.digits + "}")) {
            throw new IllegalArgumentException(
                    "\"" + hex + "\" is no " + kind.algorithm + " of " + kind.digits + " hexadecimal digits");
        }
    }

    boolean matches(Path file) throws IOException {
        return of(kind, file).equals(this);
    }

    /** Of a file, of which there is never more than a block in memory. */
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
