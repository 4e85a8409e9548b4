package org.rlvr4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.screen.Screen;

/** Text on standard input: in the terminal's encoding if it is one, and otherwise in UTF-8. */
final class StandardInput {

    private final BufferedReader reader;

    StandardInput() {
        Charset charset = Screen.hasTerminal()
                ? Charset.forName(System.getProperty("stdin.encoding", StandardCharsets.UTF_8.name()))
                : StandardCharsets.UTF_8;
        this.reader = new BufferedReader(new InputStreamReader(System.in, charset.newDecoder()));
    }

    /** The next line; null after the last. */
    @Nullable
    String line() {
        try {
            return reader.readLine();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** All that is left, without the line's end after it. */
    String rest() {
        try {
            return reader.readAllAsString().replaceFirst("\\R+\\z", "");
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static UncheckedIOException failure(IOException e) {
        String why = e instanceof CharacterCodingException ? "it is not UTF-8" : String.valueOf(e.getMessage());
        return new UncheckedIOException("standard input cannot be read: " + why, e);
    }
}
