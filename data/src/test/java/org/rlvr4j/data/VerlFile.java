package org.rlvr4j.data;

import com.github.luben.zstd.Zstd;
import com.jerolba.carpet.io.FileSystemOutputFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.xerial.snappy.Snappy;

/** Writes small Parquet files as pyarrow lays out verl's data sets. */
public final class VerlFile {

    /** A system and a user turn, and an index that is a number; {@code split} is a column of Arrow type null. */
    public static final String NUMBERED = schema("optional int64 index; optional int32 split (UNKNOWN);");

    /** As above, with an index that is text. */
    public static final String NAMED = schema("optional binary index (STRING);");

    private final MessageType schema;

    public VerlFile(String schema) {
        this.schema = MessageTypeParser.parseMessageType(schema);
    }

    MessageType schema() {
        return schema;
    }

    private static String schema(String extraInfo) {
        return """
            message schema {
              optional binary data_source (STRING);
              optional group prompt (LIST) {
                repeated group list {
                  optional group element {
                    optional binary content (STRING);
                    optional binary role (STRING);
                  }
                }
              }
              optional binary ability (STRING);
              optional group reward_model {
                optional binary ground_truth (STRING);
                optional binary style (STRING);
              }
              optional group extra_info { %s }
            }
            """.formatted(extraInfo);
    }

    /** A row without its index. */
    public Group row(String source, String question, String answer) {
        Group row = new SimpleGroup(schema).append("data_source", source);
        Group turns = row.addGroup("prompt");
        turn(turns, "system", "Put your final answer within \\boxed{}.");
        turn(turns, "user", question);
        row.append("ability", "MATH");
        row.addGroup("reward_model").append("ground_truth", answer).append("style", "rule");
        return row;
    }

    public Group row(String source, String question, String answer, long index) {
        Group row = row(source, question, answer);
        row.addGroup("extra_info").append("index", index);
        return row;
    }

    public Group row(String source, String question, String answer, String index) {
        Group row = row(source, question, answer);
        row.addGroup("extra_info").append("index", index);
        return row;
    }

    public Path write(Path file, CompressionCodecName codec, List<Group> rows) throws IOException {
        return write(file, codec, WriterVersion.PARQUET_1_0, rows);
    }

    Path write(Path file, CompressionCodecName codec, WriterVersion version, List<Group> rows) throws IOException {
        try (var writer = ExampleParquetWriter.builder(new FileSystemOutputFile(file.toFile()))
                .withWriterVersion(version)
                .withType(schema)
                .withConf(new PlainParquetConfiguration())
                .withCodecFactory(new Packing())
                .withCompressionCodec(codec)
                .build()) {
            for (Group row : rows) {
                writer.write(row);
            }
        }
        return file;
    }

    Path write(Path file, Group... rows) throws IOException {
        return write(file, CompressionCodecName.SNAPPY, List.of(rows));
    }

    private static void turn(Group turns, String role, String content) {
        turns.addGroup("list").addGroup("element").append("content", content).append("role", role);
    }

    private static final class Packing implements CompressionCodecFactory {

        @Override
        public BytesInputCompressor getCompressor(CompressionCodecName codec) {
            return new BytesInputCompressor() {

                @Override
                public BytesInput compress(BytesInput page) throws IOException {
                    return BytesInput.from(pack(codec, page.toInputStream().readAllBytes()));
                }

                @Override
                public CompressionCodecName getCodecName() {
                    return codec;
                }

                @Override
                public void release() {}
            };
        }

        private static byte[] pack(CompressionCodecName codec, byte[] page) throws IOException {
            return switch (codec) {
                case UNCOMPRESSED, BROTLI -> page; // Brotli stands for a codec that cannot be read
                case SNAPPY -> Snappy.compress(page);
                case ZSTD -> Zstd.compress(page);
                case GZIP -> {
                    var packed = new ByteArrayOutputStream();
                    try (var gzip = new GZIPOutputStream(packed)) {
                        gzip.write(page);
                    }
                    yield packed.toByteArray();
                }
                default -> throw new IllegalArgumentException(codec.name());
            };
        }

        @Override
        public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void release() {}
    }
}
