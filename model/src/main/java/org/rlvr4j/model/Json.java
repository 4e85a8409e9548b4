package org.rlvr4j.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON reader and writer of a checkpoint's files. A repeated name in an object is an error, an unknown one is not. */
public final class Json {

    /** Mapper that reads strictly and writes indented. */
    public static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private static final long LIMIT = 64_000_000; // bytes; the largest tokenizer files have half of it
    private static final int SHOWN = 200; // characters

    private Json() {}

    /**
     * Reads a JSON file of at most 64 MB.
     *
     * @param file file to read
     * @throws java.io.UncheckedIOException if the file cannot be read
     * @throws IllegalArgumentException     if the file is larger, or not JSON
     */
    public static JsonNode read(Path file) {
        try {
            long bytes = Files.size(file);
            if (bytes > LIMIT) {
                throw new IllegalArgumentException(file + " has " + bytes + " bytes, and the limit is " + LIMIT);
            }
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw invalid(file.toString(), e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /**
     * Parses a JSON text.
     *
     * @param json   the text
     * @param source name of the text in the error message
     */
    public static JsonNode parse(String json, String source) {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw invalid(source, e);
        }
    }

    /**
     * The error for a text that is not JSON.
     *
     * @param source name of the text
     * @param e      the parser's exception
     */
    public static IllegalArgumentException invalid(String source, JacksonException e) {
        String reason = e.getOriginalMessage().replaceAll(", from `[^`]*`", ""); // a method of the parser
        return new IllegalArgumentException(source + " is not valid JSON: " + shown(reason), e);
    }

    /**
     * A value as text for an error message: on one line, and cut after 200 characters.
     *
     * @param value value of any type
     */
    public static String shown(@Nullable Object value) {
        String text = String.valueOf(value);
        String start = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
        return start.replaceAll("\\p{Cntrl}", " ");
    }

    /**
     * Writes a value, indented.
     *
     * @param file  file to write
     * @param value value that Jackson can write
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    public static void write(Path file, Object value) {
        try {
            Files.writeString(file, MAPPER.writeValueAsString(value) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * The error for a file that is missing or cannot be read.
     *
     * @param file the file
     * @param e    the cause
     */
    public static UncheckedIOException unreadable(Path file, IOException e) {
        String message = e instanceof NoSuchFileException ? "no such file: " + file : "cannot read " + file + ": " + e;
        return new UncheckedIOException(message, e);
    }
}
