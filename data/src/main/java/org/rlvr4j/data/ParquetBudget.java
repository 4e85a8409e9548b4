package org.rlvr4j.data;

/**
 * Count of the bytes that are unpacked, decoded and copied while a file is read, of which there is an end. Copies of a text
 * take hardly a byte of a file, and a few bytes can make any number of them.
 */
final class ParquetBudget {

    private static final long MAX_TEXT = 1L << 33; // bytes
    private static final long EXTRA = 1 << 28; // bytes beyond those by the file's size: copies in a small file
    private static final long MOST_PER_BYTE = 256; // of the file

    private final long max;
    private long text;

    /** @param fileSize length of the file in bytes */
    ParquetBudget(long fileSize) {
        this.max = Math.min(EXTRA + MOST_PER_BYTE * fileSize, MAX_TEXT);
    }

    /** @throws UnsupportedParquetException if there were more bytes than fit the size of the file */
    void text(long bytes) {
        text += bytes;
        if (text > max) {
            throw new UnsupportedParquetException(
                    max == MAX_TEXT
                            ? "it holds more than 8 GB of text; split it into several files"
                            : "it holds more than " + (max >> 20) + " MB of text, which is more than fits its size");
        }
    }

    /** @throws UnsupportedParquetException if pages that are unpacked have more bytes than fit the size of a file */
    static void requireUnpacked(long bytes, long fileSize) {
        long max = ParquetCodecs.MAX_PAGE + MOST_PER_BYTE * fileSize;
        if (bytes > max) {
            throw new UnsupportedParquetException(
                    "its pages unpack to more than " + (max >> 20) + " MB, which is more than fits its size");
        }
    }
}
