package org.rlvr4j.data;

import org.jspecify.annotations.Nullable;

/** Refusal of a Parquet file that may well be valid, but which this reader does not read. */
final class UnsupportedParquetException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnsupportedParquetException(String message) {
        super(message);
    }

    /** The reason of a refusal among the causes of a failure; null if there is none. */
    static @Nullable String reason(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (cause instanceof UnsupportedParquetException) {
                return cause.getMessage();
            }
            cause = cause.getCause();
        }
        return null;
    }
}
