package org.rlvr4j.cli;

import com.jerolba.carpet.io.FileSystemOutputFile;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** A Parquet file of one row that is not in verl's layout. */
final class OtherParquet {

    private OtherParquet() {}

    static Path write(Path file) throws IOException {
        MessageType schema = MessageTypeParser.parseMessageType(
                "message schema { optional binary data_source (STRING); optional binary question (STRING); }");
        try (var writer = ExampleParquetWriter.builder(new FileSystemOutputFile(file.toFile()))
                .withType(schema)
                .withConf(new PlainParquetConfiguration())
                .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
                .build()) {
            writer.write(new SimpleGroup(schema).append("data_source", "sums").append("question", "1+2="));
        }
        return file;
    }
}
