package org.rlvr4j.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnCryptoMetaData;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.schema.MessageType;
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
    private static final int MAX_DEPTH = 100;

    static {
        // Deeper nesting would cause a StackOverflowError; within a channel's read, its close would never end.
        TProtocolUtil.setMaxSkipDepth(TConfiguration.DEFAULT_RECURSION_DEPTH);
    }

    private final Path file;
    private final FileMetaData footer;
    private final long start; // of the footer

    private ParquetSizes(Path file, FileMetaData footer, long start) {
        this.file = file;
        this.footer = footer;
        this.start = start;
    }

    /**
     * Checks and reads the footer.
     *
     * @throws IOException if it claims more bytes than there are
     * @throws UnsupportedParquetException if it is encrypted
     */
    static ParquetSizes of(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long end = channel.size() - MAGIC - Integer.BYTES;
            var length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            if (end < MAGIC || channel.read(length, end) < Integer.BYTES) {
                throw new IOException("it is too short");
            }
            var magic = ByteBuffer.allocate(MAGIC);
            channel.read(magic, end + Integer.BYTES);
            if (new String(magic.array(), StandardCharsets.ISO_8859_1).equals("PARE")) {
                throw new UnsupportedParquetException("it is encrypted; write it without encryption");
            }
            long start = end - length.getInt(0);
            requireWithin(MAGIC, start, end);
            channel.position(start);
            var footer = new FileMetaData();
            read(footer, new BufferedInputStream(Channels.newInputStream(channel)), end - start);
            requireFlat(footer.getSchema());
            return new ParquetSizes(file, footer, start);
        }
    }

    /**
     * Checks the columns of a schema; what there is besides is not looked at.
     *
     * @throws IOException if a column or page claims more bytes than there are, or columns share them
     * @throws UnsupportedParquetException if one is encrypted, or has pages that are too large
     */
    void requireReadable(MessageType schema) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long claimed = 0;
            long unpacked = 0;
            for (RowGroup group : footer.getRow_groups()) {
                for (ColumnChunk column : group.getNum_rows() == 0 ? List.<ColumnChunk>of() : group.getColumns()) {
                    List<String> path = path(column);
                    if (!schema.containsPath(path.toArray(String[]::new))) {
                        continue;
                    }
                    if (column.isSetCrypto_metadata()) {
                        throw new UnsupportedParquetException(
                                "column " + String.join(".", path) + " is encrypted; write it without encryption");
                    }
                    unpacked += unpacked(channel, column.getMeta_data(), start);
                    ParquetBudget.requireUnpacked(unpacked, channel.size());
                    claimed += column.getMeta_data().getTotal_compressed_size();
                    requireWithin(0, claimed, start);
                }
            }
        }
    }

    private static List<String> path(ColumnChunk column) throws IOException {
        List<String> path = List.of();
        if (column.isSetCrypto_metadata()) {
            ColumnCryptoMetaData crypto = column.getCrypto_metadata();
            if (!crypto.isSetENCRYPTION_WITH_COLUMN_KEY()) { // with the footer's key, as the whole file is
                throw new UnsupportedParquetException("it is encrypted; write it without encryption");
            }
            path = crypto.getENCRYPTION_WITH_COLUMN_KEY().getPath_in_schema();
        } else if (column.isSetMeta_data()) {
            path = column.getMeta_data().getPath_in_schema();
        }
        if (path.isEmpty()) {
            throw new IOException("a column is not described");
        }
        return path;
    }

    /** Parquet's own reader goes into groups by recursion. */
    private static void requireFlat(List<SchemaElement> schema) {
        var open = new ArrayDeque<Integer>(); // numbers of fields that are still to come, by depth
        for (SchemaElement element : schema) {
            while (!open.isEmpty() && open.getLast() == 0) {
                open.removeLast();
            }
            if (!open.isEmpty()) {
                open.addLast(open.removeLast() - 1);
            }
            open.addLast(element.getNum_children());
            if (open.size() > MAX_DEPTH) {
                throw new UnsupportedParquetException(
                        "its columns are nested more than " + MAX_DEPTH + " deep; write flatter ones");
            }
        }
    }

    /** Bytes of a column's pages when they are unpacked; each page is checked. */
    private static long unpacked(FileChannel channel, ColumnMetaData column, long limit) throws IOException {
        boolean hasDictionary = column.isSetDictionary_page_offset() && column.getDictionary_page_offset() > 0;
        long first = column.getData_page_offset();
        long start = hasDictionary ? Math.min(first, column.getDictionary_page_offset()) : first;
        requireWithin(0, column.getTotal_compressed_size(), limit);
        long end = start + column.getTotal_compressed_size();
        requireWithin(MAGIC, start, limit);
        requireWithin(start, end, limit);
        long next = start;
        long unpacked = 0;
        while (next < end) {
            channel.position(next);
            var header = new PageHeader();
            read(header, Channels.newInputStream(channel), end - next);
            ParquetCodecs.requireReadable(header.getUncompressed_page_size());
            unpacked += header.getUncompressed_page_size();
            next = channel.position() + header.getCompressed_page_size();
            requireWithin(channel.position(), next, end);
        }
        return unpacked;
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
