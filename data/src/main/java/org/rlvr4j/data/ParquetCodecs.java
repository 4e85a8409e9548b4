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

/** Decompressors of Parquet pages. Parquet's own factory would start Hadoop's configuration, with jars and warnings. */
final class ParquetCodecs implements CompressionCodecFactory {

    private static final int MAX_PAGE = 1 << 24; // bytes; writers begin a new page after one megabyte

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return switch (codec) {
            case UNCOMPRESSED -> new Decompressor((page, _) -> page);
            case SNAPPY ->
                new Decompressor((page, size) ->
                        Snappy.uncompressedLength(page) == size ? Snappy.uncompress(page) : new byte[0]);
            case ZSTD -> new Decompressor(Zstd::decompress);
            case GZIP ->
                new Decompressor((page, size) -> {
                    try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(page))) {
                        return unpacked.readNBytes(size + 1);
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
            return BytesInput.from(unpacked(page.toInputStream().readAllBytes(), unpackedSize));
        }

        @Override
        public void decompress(ByteBuffer page, int size, ByteBuffer unpacked, int unpackedSize) throws IOException {
            var packed = new byte[size];
            page.get(packed);
            unpacked.put(unpacked(packed, unpackedSize));
        }

        private byte[] unpacked(byte[] packed, int size) throws IOException {
            if (size < 0 || size > MAX_PAGE) {
                throw new UnsupportedOperationException("a page of " + size + " bytes is not supported");
            }
            byte[] unpacked = unpack.apply(packed, size);
            if (unpacked.length != size) {
                throw new IOException("a page has not the size that it should have");
            }
            return unpacked;
        }

        @Override
        public void release() {}
    }
}
