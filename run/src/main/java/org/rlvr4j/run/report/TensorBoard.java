package org.rlvr4j.run.report;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.rlvr4j.run.files.FileFailure;

/**
 * TensorBoard event file of scalars: records in TFRecord framing, each of which is one protocol buffer {@code Event}.
 *
 * @see <a href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto">event.proto</a>
 */
public final class TensorBoard implements AutoCloseable {

    // A field's key is its number times eight, plus its wire type: 0 varint, 1 eight bytes, 2 length, 5 four bytes.
    private static final int EVENT_WALL_TIME = 1 << 3 | 1;
    private static final int EVENT_STEP = 2 << 3;
    private static final int EVENT_FILE_VERSION = 3 << 3 | 2;
    private static final int EVENT_SUMMARY = 5 << 3 | 2;
    private static final int SUMMARY_VALUE = 1 << 3 | 2;
    private static final int VALUE_TAG = 1 << 3 | 2;
    private static final int VALUE_SIMPLE_VALUE = 2 << 3 | 5;

    private static final String PREFIX = "events.out.tfevents.";
    private static final String SUFFIX = ".rlvr4j";

    private final Path file;
    private final OutputStream out;

    /**
     * Creates an event file {@code events.out.tfevents.*} in a folder; TensorBoard shows each folder as a run.
     *
     * @param folder   folder of the file, which is created if it does not exist
     * @param wallTime seconds since 1970
     * @throws UncheckedIOException if the file cannot be written
     */
    public TensorBoard(Path folder, double wallTime) {
        this(folder.resolve(PREFIX + (long) wallTime + SUFFIX));
        write(new Message()
                .float64(EVENT_WALL_TIME, wallTime)
                .bytes(EVENT_FILE_VERSION, "brain.Event:2".getBytes(StandardCharsets.UTF_8)));
    }

    private TensorBoard(Path file) {
        this.file = file;
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            out = new BufferedOutputStream(
                    Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /**
     * Opens an existing event file to append to it.
     *
     * @param file event file
     */
    public static TensorBoard append(Path file) {
        return new TensorBoard(file);
    }

    /**
     * The event files in a folder that this class wrote; empty if the folder does not exist.
     *
     * @param folder folder of the events
     */
    public static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(PREFIX)
                            && file.toString().endsWith(SUFFIX))
                    .toList();
        }
    }

    /**
     * Writes the scalars of one step; TensorBoard stores them as float32.
     *
     * @param step     number of the step, from 0
     * @param wallTime seconds since 1970
     * @param values   scalars by tag
     * @throws UncheckedIOException if the file cannot be written
     */
    public void scalars(long step, double wallTime, Map<String, Double> values) {
        var summary = new Message();
        values.forEach((tag, value) -> summary.bytes(
                SUMMARY_VALUE,
                new Message()
                        .bytes(VALUE_TAG, tag.getBytes(StandardCharsets.UTF_8))
                        .float32(VALUE_SIMPLE_VALUE, value.floatValue())
                        .toByteArray()));
        write(new Message()
                .float64(EVENT_WALL_TIME, wallTime)
                .int64(EVENT_STEP, step)
                .bytes(EVENT_SUMMARY, summary.toByteArray()));
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Writes a record: length, checksum of the length, data, checksum of the data; little-endian. */
    private void write(Message event) {
        byte[] data = event.toByteArray();
        byte[] length = littleEndian(data.length, Long.BYTES);
        try {
            out.write(length);
            out.write(checksum(length));
            out.write(data);
            out.write(checksum(data));
            out.flush();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Masked CRC-32C: rotated and offset, because a plain CRC is weak for data that contains its own CRC. */
    private static byte[] checksum(byte[] data) {
        var crc = new CRC32C();
        crc.update(data);
        int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
        return littleEndian(masked, Integer.BYTES);
    }

    private static byte[] littleEndian(long bits, int width) {
        var bytes = new byte[width];
        for (int i = 0; i < width; i++) {
            bytes[i] = (byte) (bits >>> (8 * i));
        }
        return bytes;
    }

    private UncheckedIOException failure(IOException e) {
        return FileFailure.writing(file, e);
    }

    /** Protocol buffer message, with the part of the encoding that events need. */
    private static final class Message {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message int64(int key, long value) {
            return varint(key).varint(value);
        }

        Message float32(int key, float value) {
            return varint(key).raw(littleEndian(Float.floatToIntBits(value), Float.BYTES));
        }

        Message float64(int key, double value) {
            return varint(key).raw(littleEndian(Double.doubleToLongBits(value), Double.BYTES));
        }

        Message bytes(int key, byte[] value) {
            return varint(key).varint(value.length).raw(value);
        }

        byte[] toByteArray() {
            return out.toByteArray();
        }

        /** Writes seven bits per byte, the lowest first; the eighth bit says that more bytes follow. */
        private Message varint(long value) {
            long rest = value;
            for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
                out.write((int) ((rest & 0x7f) | 0x80));
            }
            out.write((int) rest);
            return this;
        }

        private Message raw(byte[] value) {
            out.writeBytes(value);
            return this;
        }
    }
}
