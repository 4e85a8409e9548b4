package org.rlvr4j.cli.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Login to the Hub: an access token, which no text shows, and where it comes from.
 *
 * @param token  access token
 * @param source name of the place of the token, for messages
 */
record Login(String token, String source) {

    private static final int LONGEST_FILE = 1 << 16; // bytes; a token has about 40

    /**
     * Finds a token: HF_TOKEN, HUGGING_FACE_HUB_TOKEN as it was called before, or what {@code hf auth login} saved.
     *
     * @param environment environment variables
     * @param saved       file of the saved token, which need not exist
     * @return the login, or null if there is none
     * @throws IllegalArgumentException if the token has characters that no token has
     * @throws UncheckedIOException     if the file cannot be read
     */
    static @Nullable Login find(Map<String, String> environment, Path saved) {
        for (String variable : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
            String token = cleaned(environment.getOrDefault(variable, ""));
            if (!token.isEmpty()) {
                return checked(token, variable, "");
            }
        }
        String token = cleaned(read(saved));
        return token.isEmpty()
                ? null
                : checked(
                        token,
                        "the saved token in " + saved,
                        ": log in again with `hf auth login`, or remove the file");
    }

    /** Checks the token, as the HTTP client would quote a token in its error if it cannot be part of a header. */
    private static Login checked(String token, String source, String advice) {
        if (!token.matches("[\\x21-\\x7e]+")) {
            throw new IllegalArgumentException(source + " has spaces or other characters that no token has" + advice);
        }
        return new Login(token, source);
    }

    private static String cleaned(String token) {
        return token.replaceAll("[\r\n]", "").strip();
    }

    private static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LONGEST_FILE + 1);
            if (bytes.length > LONGEST_FILE) {
                throw new IllegalArgumentException("the saved token in " + file + " is longer than any token: log in"
                        + " again with `hf auth login`, or remove the file");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the saved token in " + file + " cannot be read ("
                            + e.getClass().getSimpleName() + "): make it readable, or set HF_TOKEN",
                    e);
        }
    }

    /** The source of the token, without the token. */
    @Override
    public String toString() {
        return source;
    }
}
