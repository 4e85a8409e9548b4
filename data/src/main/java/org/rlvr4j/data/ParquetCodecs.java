package org.rlvr4j.data;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/** Decompressors of Parquet pages. Parquet's own factory would start Hadoop's configuration, with jars and warnings. */
final class ParquetCodecs implements CompressionCodecFactory {

    /** Most bytes of a page: DuckDB and polars write a row group's column, of 100,000 rows and more, as one. */
    static final int MAX_PAGE = 1 << 29;

    private static final int MOST_BY_SNAPPY = 64; // bytes from one, in any stream
    private static final int MOST_BY_ZSTD = 1 << 17; // a block's, whose header alone is longer than a byte

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return switch (codec) {
            case UNCOMPRESSED -> new Decompressor((page, _) -> page);
            case SNAPPY ->
                new Decompressor((page, size) -> {
                    boolean isTrue =
                            Snappy.uncompressedLength(page) == size && size <= MOST_BY_SNAPPY * (long) page.length;
                    return isTrue ? Snappy.uncompress(page) : new byte[0];
                });
            case ZSTD -> new Decompressor(ParquetCodecs::zstd);
            case GZIP ->
                new Decompressor((page, size) -> {
                    try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(page))) {
                        return unpacked.readNBytes(size + 1);
                    }
                });
            default -> throw new IllegalArgumentException("the compression " + codec + " is not supported");
        };
    }

    /** @throws IllegalArgumentException if a column's pages cannot be unpacked; the message names file and column */
    static void requireSupported(ColumnChunkMetaData column, Path file) {
        switch (column.getCodec()) {
            case UNCOMPRESSED, SNAPPY, ZSTD, GZIP -> {}
            default ->
                throw new IllegalArgumentException(file + " cannot be read: column "
                        + String.join(".", column.getPath()) + " has the compression " + column.getCodec()
                        + ", which is not supported; write it with ZSTD, for example");
        }
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        throw new UnsupportedOperationException("Parquet files are only read");
    }

    @Override
    public void release() {}

    /** @throws UnsupportedParquetException if a page is larger than is read */
    static void requireReadable(long size) {
        if (size > MAX_PAGE) {
            throw new UnsupportedParquetException(
                    "a page of " + size + " bytes is not supported; write it with smaller pages or row groups");
        }
    }

    /** Unpacks a page: at once if it says the same size itself, else as much as there is. */
    private static byte[] zstd(byte[] page, int size) throws IOException {
        if (Zstd.getFrameContentSize(page) == size && size <= MOST_BY_ZSTD * (long) page.length) {
            return Zstd.decompress(page, size);
        }
        try (var unpacked = new ZstdInputStream(new ByteArrayInputStream(page))) {
            return unpacked.readNBytes(size + 1);
        }
    }

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
            if (size < 0) {
                throw new IOException("a page of " + size + " bytes");
            }
            requireReadable(size);
            byte[] unpacked = unpack.apply(packed, size);
            if (unpacked.length != size) {
                throw new IOException("a page of " + size + " bytes holds another number of them");
            }
            return unpacked;
        }

        @Override
        public void release() {}
    }
}
