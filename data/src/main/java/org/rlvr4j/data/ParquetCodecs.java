package org.rlvr4j.data;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/** Unpacks Parquet pages. Parquet's own factory would start up Hadoop's configuration, with its jars and warnings. */
final class ParquetCodecs implements CompressionCodecFactory {

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return switch (codec) {
            case UNCOMPRESSED -> new Decompressor((page, _) -> page);
            case SNAPPY -> new Decompressor((page, _) -> Snappy.uncompress(page));
            case ZSTD -> new Decompressor(Zstd::decompress);
            case GZIP ->
                new Decompressor((page, _) -> {
                    try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(page))) {
                        return unpacked.readAllBytes();
                    }
                });
            default -> throw new UnsupportedOperationException("its compression " + codec + " is not supported");
        };
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        throw new UnsupportedOperationException("Parquet files are only read");
    }

    @Override
    public void release() {}

    @FunctionalInterface
    private interface Unpack {
        byte[] apply(byte[] page, int unpackedSize) throws IOException;
    }

    private record Decompressor(Unpack unpack) implements BytesInputDecompressor {

        @Override
        public BytesInput decompress(BytesInput page, int unpackedSize) throws IOException {
            byte[] packed = page.toInputStream().readAllBytes();
            return BytesInput.from(unpack.apply(packed, unpackedSize));
        }

        @Override
        public void decompress(ByteBuffer page, int size, ByteBuffer unpacked, int unpackedSize) throws IOException {
            var packed = new byte[size];
            page.get(packed);
            unpacked.put(unpack.apply(packed, unpackedSize));
        }

        @Override
        public void release() {}
    }
}
