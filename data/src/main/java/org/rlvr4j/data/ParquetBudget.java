package org.rlvr4j.data;

/** Count of the text that was read of a file, of which there is an end. */
final class ParquetBudget {

    private static final long MAX_TEXT = 1L << 32; // bytes; what is shared through a dictionary counts once

    private long text;

    void text(int bytes) {
        text += bytes;
        if (text > MAX_TEXT) {
            throw new UnsupportedParquetException("it holds more than 4 GB of text; split it into several files");
        }
    }
}
