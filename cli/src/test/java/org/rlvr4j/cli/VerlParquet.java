package org.rlvr4j.cli;

import com.jerolba.carpet.io.FileSystemOutputFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** A small Parquet file in verl's layout. */
final class VerlParquet {

    private static final MessageType SCHEMA = MessageTypeParser.parseMessageType("""
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
          optional group reward_model { optional binary ground_truth (STRING); }
          optional group extra_info { optional int64 index; }
        }
        """);

    private VerlParquet() {}

    /** Writes a row for each question. */
    static Path write(Path file, String source, List<String> questions, String answer) throws IOException {
        try (var writer = ExampleParquetWriter.builder(new FileSystemOutputFile(file.toFile()))
                .withType(SCHEMA)
                .withConf(new PlainParquetConfiguration())
                .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
                .build()) {
            for (int i = 0; i < questions.size(); i++) {
                Group row = new SimpleGroup(SCHEMA).append("data_source", source);
                row.addGroup("prompt")
                        .addGroup("list")
                        .addGroup("element")
                        .append("content", questions.get(i))
                        .append("role", "user");
                row.addGroup("reward_model").append("ground_truth", answer);
                row.addGroup("extra_info").append("index", (long) i);
                writer.write(row);
            }
        }
        return file;
    }
}
