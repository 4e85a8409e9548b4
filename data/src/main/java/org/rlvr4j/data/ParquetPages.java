package org.rlvr4j.data;

import com.jerolba.carpet.io.FileSystemInputFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesReader;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;

/**
 * Check that the values of a Parquet file fit into memory. Parquet's decoders take memory for as many values as a page
 * claims in a few bytes, whether the values are there or not.
 */
final class ParquetPages {

    private static final long HEADROOM = 32 << 20; // bytes held at a time, beyond the size of the file

    private ParquetPages() {}

    /** @throws IOException if reading the columns of a row group together would take more memory than the limit */
    static void check(Path file) throws IOException {
        var options = ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withCodecFactory(new ParquetCodecs())
                .build();
        try (var reader = ParquetFileReader.open(new FileSystemInputFile(file.toFile()), options)) {
            for (PageReadStore group = reader.readNextRowGroup(); group != null; group = reader.readNextRowGroup()) {
                long bytes = 0;
                for (ColumnDescriptor column :
                        reader.getFileMetaData().getSchema().getColumns()) {
                    bytes += bytes(group.getPageReader(column), column);
                    if (bytes > HEADROOM + file.toFile().length()) {
                        throw new IOException("its pages claim more values than they have bytes for");
                    }
                }
            }
        }
    }

    /** Bytes for a column: for its largest page, as pages are read one after the other, and its dictionary. */
    private static long bytes(PageReader pages, ColumnDescriptor column) throws IOException {
        DictionaryPage dictionary = pages.readDictionaryPage();
        long largest = 0;
        for (DataPage page = pages.readPage(); page != null; page = pages.readPage()) {
            largest = Math.max(largest, page.getUncompressedSize() + bytes(page, column));
        }
        if (dictionary != null) {
            largest += dictionary.getUncompressedSize() + Long.BYTES * (long) dictionary.getDictionarySize();
        }
        return largest;
    }

    private static long bytes(DataPage page, ColumnDescriptor column) throws IOException {
        int count = page.getValueCount();
        int repetition = BytesUtils.getWidthFromMaxInt(column.getMaxRepetitionLevel());
        int definition = BytesUtils.getWidthFromMaxInt(column.getMaxDefinitionLevel());
        return switch (page) {
            case DataPageV1 first -> {
                ByteBufferInputStream in = first.getBytes().toInputStream();
                yield levels(in, first.getRlEncoding(), repetition, count)
                        + levels(in, first.getDlEncoding(), definition, count)
                        + values(in, first.getValueEncoding(), count);
            }
            case DataPageV2 second ->
                runs(second.getRepetitionLevels().toInputStream(), repetition, count)
                        + runs(second.getDefinitionLevels().toInputStream(), definition, count)
                        + values(second.getData().toInputStream(), second.getDataEncoding(), count);
            default -> throw new IOException("a page is of an unknown kind");
        };
    }

    private static long levels(ByteBufferInputStream in, Encoding encoding, int width, int count) throws IOException {
        if (width == 0) {
            return 0;
        }
        if (encoding == Encoding.RLE) {
            return runs(in.sliceStream(BytesUtils.readIntLittleEndian(in)), width, count);
        }
        in.skipFully(BytesUtils.paddedByteCountFromBits(Math.multiplyExact(width, count)));
        return 0;
    }

    private static long values(ByteBufferInputStream in, Encoding encoding, int count) throws IOException {
        return switch (encoding) {
            case PLAIN_DICTIONARY, RLE_DICTIONARY -> in.available() == 0 ? 0 : runs(in, in.read(), count);
            case RLE -> runs(in.sliceStream(BytesUtils.readIntLittleEndian(in)), 1, count);
            case PLAIN, BYTE_STREAM_SPLIT -> in.available();
            case DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY -> delta(in);
            case DELTA_BYTE_ARRAY -> sharedPrefixes(in);
            default -> throw new UnsupportedOperationException("its encoding " + encoding + " is not supported");
        };
    }

    /** Bytes for differences, which are unpacked all at once; reads nothing of them yet. */
    private static long delta(ByteBufferInputStream in) throws IOException {
        return Long.BYTES * LongStream.of(deltaHeader(in)).sum();
    }

    /** Numbers of values in a block, of parts in a block, and of all values; reads nothing of them yet. */
    private static long[] deltaHeader(ByteBufferInputStream in) throws IOException {
        in.mark(in.available());
        long[] header = {
            BytesUtils.readUnsignedVarInt(in), BytesUtils.readUnsignedVarInt(in), BytesUtils.readUnsignedVarInt(in)
        };
        in.reset();
        return header;
    }

    /** Bytes for texts whose prefix, shared with the text before, is copied. */
    private static long sharedPrefixes(ByteBufferInputStream in) throws IOException {
        long values = deltaHeader(in)[2];
        long bytes = delta(in);
        if (bytes > HEADROOM) {
            return bytes;
        }
        var lengths = new DeltaBinaryPackingValuesReader();
        lengths.initFromPage((int) values, in);
        for (long i = 0; i < values; i++) {
            bytes += Math.max(lengths.readInteger(), 0);
        }
        return bytes + delta(in);
    }

    /** Bytes for the longest run of packed values; runs of equal values take no memory. */
    private static long runs(ByteBufferInputStream in, int width, int count) throws IOException {
        long largest = 0;
        for (long values = 0; values < count && in.available() > 0; ) {
            int header = BytesUtils.readUnsignedVarInt(in);
            boolean packed = (header & 1) == 1;
            long run = packed ? Byte.SIZE * (long) (header >>> 1) : header >>> 1;
            largest = packed ? Math.max(largest, run * Integer.BYTES) : largest;
            long bytes = packed ? run / Byte.SIZE * width : BytesUtils.paddedByteCountFromBits(width);
            in.skipFully(Math.min(bytes, in.available()));
            values += run;
        }
        return largest;
    }
}
