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
 * Check that the sizes claimed in a Parquet file fit into it. Parquet's own reader takes memory for whatever is claimed,
 * before it finds that the bytes are not there.
 */
final class ParquetSizes {

    private static final int MAGIC = 4; // bytes at the beginning and at the end

    static {
        // Deeper nesting would cause a StackOverflowError; within a channel's read, its close would never end.
        TProtocolUtil.setMaxSkipDepth(TConfiguration.DEFAULT_RECURSION_DEPTH);
    }

    private ParquetSizes() {}

    /** @throws IOException if a footer, column or page claims more bytes than there are */
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
        long next = start;
        while (next < end) {
            channel.position(next);
            var header = new PageHeader();
            read(header, Channels.newInputStream(channel), end - next);
            next = channel.position() + header.getCompressed_page_size();
            requireWithin(channel.position(), next, end);
        }
    }

    private static void requireWithin(long min, long value, long max) throws IOException {
        if (value < min || value > max) {
            throw new IOException("it says " + value + " where " + min + " to " + max + " is possible");
        }
    }

    /** Reads a Thrift structure of at most as many bytes as there are. */
    private static void read(TBase<?, ?> structure, InputStream from, long available) throws IOException {
        int size = Math.toIntExact(Math.min(available, Integer.MAX_VALUE));
        var limits = new TConfiguration(size, size, TConfiguration.DEFAULT_RECURSION_DEPTH);
        try {
            structure.read(new TCompactProtocol(new TIOStreamTransport(limits, from)));
        } catch (TException | RuntimeException e) { // a negative length causes a NullPointerException
            throw new IOException("its structure is damaged", e);
        }
    }
}
