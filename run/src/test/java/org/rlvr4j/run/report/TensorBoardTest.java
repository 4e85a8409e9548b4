package org.rlvr4j.run.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads what was written with a parser of its own. */
class TensorBoardTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void eventsReadBack() throws IOException {
        var first = new LinkedHashMap<String, Double>();
        first.put("reward", 0.25);
        first.put("längd", -1e30);
        var second = new LinkedHashMap<String, Double>();
        second.put("reward", Double.NaN);
        try (var board = new TensorBoard(folder.resolve("dcpo"), 1_700_000_000.5)) {
            board.scalars(1, 1_700_000_001.5, first);
            board.scalars(3_000_000_000L, 1_700_000_002.5, second);
        }

        List<ByteBuffer> records = records(folder.resolve("dcpo/events.out.tfevents.1700000000.rlvr4j"));

        assertThat(records.stream().map(TensorBoardTest::message))
                .containsExactly(
                        "{1=1.7000000005E9, 3=brain.Event:2}",
                        "{1=1.7000000015E9, 2=1, 5={1={1=reward, 2=0.25}, 1={1=längd, 2=-1.0E30}}}",
                        "{1=1.7000000025E9, 2=3000000000, 5={1={1=reward, 2=NaN}}}");
    }

    @Test
    void fileStartsWithTheBytesThatEveryEventFileStartsWith() throws IOException {
        new TensorBoard(folder, 0).close();

        assertThat(Files.readAllBytes(folder.resolve("events.out.tfevents.0.rlvr4j")))
                .startsWith(0x18, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 'K', '"', 9);
    }

    @Test
    void placeThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("taken"));

        assertThatThrownBy(() -> new TensorBoard(file, 5))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("cannot write " + file.resolve("events.out.tfevents.5.rlvr4j"));
    }

    private static List<ByteBuffer> records(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        var records = new ArrayList<ByteBuffer>();
        while (in.hasRemaining()) {
            ByteBuffer length = in.slice(in.position(), 8).order(ByteOrder.LITTLE_ENDIAN);
            in.position(in.position() + 8);
            assertThat(in.getInt()).isEqualTo(maskedCrc(length));
            ByteBuffer data = in.slice(in.position(), (int) length.getLong(0)).order(ByteOrder.LITTLE_ENDIAN);
            in.position(in.position() + data.limit());
            assertThat(in.getInt()).isEqualTo(maskedCrc(data));
            records.add(data);
        }
        return records;
    }

    /** Bit by bit, with Castagnoli's polynomial, from the specification of TFRecord. */
    private static int maskedCrc(ByteBuffer data) {
        int crc = -1;
        for (int i = 0; i < data.limit(); i++) {
            crc ^= data.get(i) & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82f63b78;
            }
        }
        crc = ~crc;
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }

    /** Fields as number=value. */
    private static String message(ByteBuffer in) {
        var fields = new StringJoiner(", ", "{", "}");
        while (in.hasRemaining()) {
            int key = (int) varint(in);
            int field = key >> 3;
            Object value =
                    switch (key & 7) {
                        case 0 -> varint(in);
                        case 1 -> in.getDouble();
                        case 5 -> in.getFloat();
                        default -> delimited(in);
                    };
            fields.add(field + "=" + value);
        }
        return fields.toString();
    }

    private static String delimited(ByteBuffer in) {
        var bytes = new byte[(int) varint(in)];
        in.get(bytes);
        boolean nested = bytes[0] == 0x0a; // the key of a nested message's first field; no text here starts with it
        return nested ? message(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)) : new String(bytes, UTF_8);
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
