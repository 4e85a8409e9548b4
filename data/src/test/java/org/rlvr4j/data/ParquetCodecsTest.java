package org.rlvr4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xerial.snappy.Snappy;

class ParquetCodecsTest {

    private static final byte[] PAGE = new byte[10_000_000];

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "SNAPPY", "ZSTD"})
    void aPageThatUnpacksToMoreOrLessThanItSaysIsRefused(CompressionCodecName codec) throws IOException {
        byte[] packed = packed(codec);

        assertThat(unpacked(codec, packed, PAGE.length)).isEqualTo(PAGE);
        assertThatThrownBy(() -> unpacked(codec, packed, 100)).isInstanceOf(Exception.class);
        assertThatThrownBy(() -> unpacked(codec, packed, PAGE.length + 1)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "SNAPPY", "ZSTD", "UNCOMPRESSED"})
    void noMemoryIsTakenForAPageOfAbsurdSize(CompressionCodecName codec) throws IOException {
        byte[] packed = packed(codec);

        for (int size : new int[] {Integer.MAX_VALUE, 1 << 26, -1}) {
            assertThatThrownBy(() -> unpacked(codec, packed, size))
                    .hasMessageContaining("a page of " + size + " bytes");
        }
    }

    private static byte[] unpacked(CompressionCodecName codec, byte[] packed, int size) throws IOException {
        var out = new ByteArrayOutputStream();
        new ParquetCodecs()
                .getDecompressor(codec)
                .decompress(BytesInput.from(packed), size)
                .writeAllTo(out);
        return out.toByteArray();
    }

    private static byte[] packed(CompressionCodecName codec) throws IOException {
        return switch (codec) {
            case GZIP -> {
                var packed = new ByteArrayOutputStream();
                try (var gzip = new GZIPOutputStream(packed)) {
                    gzip.write(PAGE);
                }
                yield packed.toByteArray();
            }
            case SNAPPY -> Snappy.compress(PAGE);
            case ZSTD -> Zstd.compress(PAGE);
            default -> PAGE;
        };
    }
}
