package org.rlvr4j.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.RowGroup;
import shaded.parquet.org.apache.thrift.TBase;
import shaded.parquet.org.apache.thrift.TConfiguration;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.protocol.TProtocolUtil;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;

/**
 * Whether what a Parquet file says of its sizes fits into it. Parquet's own reader takes memory for whatever is said, before
 * it finds that the bytes are not there.
 */
final class ParquetSizes {

    private static final int MAGIC = 4; // bytes at the begin and at the end

    static {
        // What is nested deeper would end in a StackOverflowError; within a channel's read, its close would never end.
        TProtocolUtil.setMaxSkipDepth(TConfiguration.DEFAULT_RECURSION_DEPTH);
    }

    private ParquetSizes() {}

    /** @throws IOException if a footer, column or page would be longer than there are bytes for it */
    static void check(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long end = channel.size() - MAGIC - Integer.BYTES;
            var length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            if (end < MAGIC || channel.read(length, end) < Integer.BYTES) {
                throw new IOException("it is too short");
            }
            long start = end - length.getInt(0);
            requireWithin(MAGIC, start, end);
            channel.position(start);
            var footer = new FileMetaData();
            read(footer, new BufferedInputStream(Channels.newInputStream(channel)), end - start);
            for (RowGroup group : footer.getRow_groups()) {
                for (ColumnChunk column : group.getColumns()) {
                    if (!column.isSetMeta_data()) {
                        throw new IOException("a column is not described");
                    }
                    pages(channel, column.getMeta_data(), start);
                }
            }
        }
    }

    private static void pages(FileChannel channel, ColumnMetaData column, long limit) throws IOException {
        boolean hasDictionary = column.isSetDictionary_page_offset() && column.getDictionary_page_offset() > 0;
        long first = column.getData_page_offset();
        long start = hasDictionary ? Math.min(first, column.getDictionary_page_offset()) : first;
        requireWithin(0, column.getTotal_compressed_size(), limit);
        long end = start + column.getTotal_compressed_size();
        requireWithin(MAGIC, start, limit);
        requireWithin(start, end, limit);
        long at = start;
        while (at < end) {
            channel.position(at);
            var header = new PageHeader();
            read(header, Channels.newInputStream(channel), end - at);
            at = channel.position() + header.getCompressed_page_size();
            requireWithin(channel.position(), at, end);
        }
    }

    private static void requireWithin(long least, long value, long most) throws IOException {
        if (value < least || value > most) {
            throw new IOException("it says " + value + " where " + least + " to " + most + " is possible");
        }
    }

    /** What Thrift reads is not longer than there are bytes for it. */
    private static void read(TBase<?, ?> structure, InputStream from, long most) throws IOException {
        int size = Math.toIntExact(Math.min(most, Integer.MAX_VALUE));
        var limits = new TConfiguration(size, size, TConfiguration.DEFAULT_RECURSION_DEPTH);
        try {
            structure.read(new TCompactProtocol(new TIOStreamTransport(limits, from)));
        } catch (TException | RuntimeException e) { // a length below zero is a null pointer's
            throw new IOException("its structure is damaged", e);
        }
    }
}
