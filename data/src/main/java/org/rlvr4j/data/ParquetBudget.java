package org.rlvr4j.data;

/** Count of the text that is decoded and copied while a file is read, of which there is an end. */
final class ParquetBudget {

    private static final long MAX_TEXT = 1L << 33; // bytes

    private long text;

    void text(long bytes) {
        text += bytes;
        if (text > MAX_TEXT) {
            throw new UnsupportedParquetException("it holds more than 8 GB of text; split it into several files");
        }
    }
}
