package org.rlvr4j.data;

import java.io.IOException;
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
import org.apache.parquet.schema.MessageType;

/**
 * Check that the values of a row group fit into memory. Parquet's decoders take memory for as many values as a page claims
 * in a few bytes, whether the values are there or not.
 */
final class ParquetPages {

    private static final long MAX_HELD = ParquetCodecs.MAX_PAGE; // bytes, of the largest page of each column together
    private static final long MAX_UNBACKED = 32 << 20; // bytes, for values that a page claims and has no bytes for
    private static final int MOST_BY_DELTA =
            256; // values from a byte; DuckDB's blocks of 2,048 have a header of 9 bytes
    private static final int MAX_BLOCK = 1 << 16; // differences; writers' blocks have 128 to 2,048

    private long unbacked; // bytes, of this page
    private long unbackedBefore; // bytes, of the columns before

    private ParquetPages() {}

    /**
     * Reads all pages once.
     *
     * @throws IOException if a page claims more values than it has bytes for
     * @throws UnsupportedParquetException if the pages are what they claim, but too large together
     */
    static void check(PageReadStore group, MessageType schema) throws IOException {
        var pages = new ParquetPages();
        long held = 0;
        for (ColumnDescriptor column : schema.getColumns()) {
            held += pages.bytes(group.getPageReader(column), column);
            if (held > MAX_HELD) {
                throw new UnsupportedParquetException(
                        "a row group takes more than 512 MB at a time; write it with smaller pages or row groups");
            }
        }
    }

    /** Bytes for a column: for its largest page, as pages are read one after the other, and its dictionary. */
    private long bytes(PageReader pages, ColumnDescriptor column) throws IOException {
        DictionaryPage dictionary = pages.readDictionaryPage();
        long largest = 0;
        long largestUnbacked = 0;
        for (DataPage page = pages.readPage(); page != null; page = pages.readPage()) {
            unbacked = 0;
            largest = Math.max(largest, page.getUncompressedSize() + bytes(page, column));
            largestUnbacked = Math.max(largestUnbacked, unbacked);
        }
        unbacked = 0;
        if (dictionary != null) {
            int bytes = dictionary.getUncompressedSize();
            int words = dictionary.getDictionarySize();
            claim(Long.BYTES * Math.max(words - (long) bytes, 0));
            largestUnbacked += unbacked;
            largest += bytes + 2L * Long.BYTES * words;
        }
        unbackedBefore += largestUnbacked;
        return largest;
    }

    /** Counts bytes for values that are not there. */
    private void claim(long bytes) throws IOException {
        unbacked += bytes;
        if (unbackedBefore + unbacked > MAX_UNBACKED) {
            throw new IOException("its pages claim more values than they have bytes for");
        }
    }

    private long bytes(DataPage page, ColumnDescriptor column) throws IOException {
        int count = page.getValueCount();
        int repetition = BytesUtils.getWidthFromMaxInt(column.getMaxRepetitionLevel());
        int definition = BytesUtils.getWidthFromMaxInt(column.getMaxDefinitionLevel());
        return switch (page) {
            case DataPageV1 first -> {
                ByteBufferInputStream in = first.getBytes().toInputStream();
                yield levels(in, first.getRlEncoding(), repetition, count)
                        + levels(in, first.getDlEncoding(), definition, count)
                        + values(in, first.getValueEncoding(), count, column);
            }
            case DataPageV2 second ->
                runs(second.getRepetitionLevels().toInputStream(), repetition, count)
                        + runs(second.getDefinitionLevels().toInputStream(), definition, count)
                        + values(second.getData().toInputStream(), second.getDataEncoding(), count, column);
            default -> throw new IOException("a page is of an unknown kind");
        };
    }

    private long levels(ByteBufferInputStream in, Encoding encoding, int width, int count) throws IOException {
        if (width == 0) {
            return 0;
        }
        if (encoding == Encoding.RLE) {
            return runs(in.sliceStream(BytesUtils.readIntLittleEndian(in)), width, count);
        }
        in.skipFully(BytesUtils.paddedByteCountFromBits(Math.multiplyExact(width, count)));
        return 0;
    }

    private long values(ByteBufferInputStream in, Encoding encoding, int count, ColumnDescriptor column)
            throws IOException {
        return switch (encoding) {
            case PLAIN_DICTIONARY, RLE_DICTIONARY -> in.available() == 0 ? 0 : runs(in, in.read(), count);
            case RLE -> in.available() == 0 ? 0 : runs(in.sliceStream(BytesUtils.readIntLittleEndian(in)), 1, count);
            case PLAIN, BYTE_STREAM_SPLIT -> in.available();
            case DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY -> delta(in);
            case DELTA_BYTE_ARRAY -> sharedPrefixes(in);
            default ->
                throw new UnsupportedParquetException("column " + String.join(".", column.getPath())
                        + " has the encoding " + encoding + ", which is not supported");
        };
    }

    /** Bytes for differences, which are unpacked all at once; reads nothing of them yet. */
    private long delta(ByteBufferInputStream in) throws IOException {
        if (in.available() == 0) {
            return 0;
        }
        long[] header = deltaHeader(in);
        long total = header[2];
        claim(Long.BYTES * Math.max(total - MOST_BY_DELTA * (long) in.available(), 0));
        claim(header[0] > MAX_BLOCK ? Long.BYTES * header[0] : 0);
        claim(Long.BYTES * header[1]);
        return Long.BYTES * (header[0] + header[1] + total);
    }

    /** Numbers of values in a block, of parts in a block, and of all values; reads nothing of them yet. */
    private static long[] deltaHeader(ByteBufferInputStream in) throws IOException {
        in.mark(in.available());
        long[] header = {
            BytesUtils.readUnsignedVarInt(in), BytesUtils.readUnsignedVarInt(in), BytesUtils.readUnsignedVarInt(in)
        };
        in.reset();
        for (long number : header) {
            if (number < 0) {
                throw new IOException("a page claims less than no values");
            }
        }
        return header;
    }

    /** Bytes for texts whose prefix, shared with the text before, is copied. */
    private long sharedPrefixes(ByteBufferInputStream in) throws IOException {
        if (in.available() == 0) {
            return 0;
        }
        long bytes = delta(in);
        long values = deltaHeader(in)[2];
        if (bytes > MAX_HELD) {
            return bytes;
        }
        var lengths = new DeltaBinaryPackingValuesReader();
        lengths.initFromPage((int) values, in);
        long prefixes = 0;
        for (long i = 0; i < values; i++) {
            prefixes += Math.max(lengths.readInteger(), 0);
        }
        return bytes + prefixes + delta(in);
    }

    /** Bytes for the longest run of packed values; runs of equal values take no memory. */
    private long runs(ByteBufferInputStream in, int width, int count) throws IOException {
        long largest = 0;
        for (long values = 0; values < count && in.available() > 0; ) {
            int header = BytesUtils.readUnsignedVarInt(in);
            boolean packed = (header & 1) == 1;
            long run = packed ? Byte.SIZE * (long) (header >>> 1) : header >>> 1;
            long bytes = packed ? run / Byte.SIZE * width : BytesUtils.paddedByteCountFromBits(width);
            if (packed) {
                largest = Math.max(largest, run * Integer.BYTES);
                long backed = width == 0 ? 0 : in.available() * (long) Byte.SIZE / width;
                claim(Integer.BYTES * Math.max(run - backed, 0));
            }
            in.skipFully(Math.min(bytes, in.available()));
            values += run;
        }
        return largest;
    }
}
