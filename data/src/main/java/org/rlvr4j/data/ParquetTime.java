package org.rlvr4j.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;

/** Times of Parquet as text by ISO 8601, with a {@code Z} where the column says that they are of UTC. */
final class ParquetTime {

    private static final long NANOS = 1_000_000_000;
    private static final long NANOS_OF_DAY = 24 * 60 * 60 * NANOS;
    private static final int UNIX_EPOCH = 2_440_588; // as a Julian day
    private static final int INT96_BYTES = 12;
    private static final int INTERVAL_BYTES = 12;

    private ParquetTime() {}

    /** A moment such as {@code 2026-01-02T03:04:05.5}, from the number of units since 1970. */
    static String timestamp(long value, TimeUnit unit, boolean isUtc) {
        long perSecond = perSecond(unit);
        long second = Math.floorDiv(value, perSecond);
        long nano = Math.floorMod(value, perSecond) * (NANOS / perSecond);
        return isUtc ? Instant.ofEpochSecond(second, nano).toString() : local(second, (int) nano);
    }

    /** A time of day such as {@code 03:04:05.5}; a number of units beyond the day is {@link ParquetValue.Unreadable}. */
    static Object time(long value, TimeUnit unit, boolean isUtc) {
        long perSecond = perSecond(unit);
        if (value < 0 || value >= NANOS_OF_DAY / NANOS * perSecond) {
            return new ParquetValue.Unreadable("a time of day beyond the day");
        }
        LocalTime time = LocalTime.ofNanoOfDay(value * (NANOS / perSecond));
        return DateTimeFormatter.ISO_LOCAL_TIME.format(time) + (isUtc ? "Z" : "");
    }

    /** A moment of the old type INT96: nanoseconds of a Julian day, of which no zone is known. */
    static Object int96(Binary value) {
        if (value.length() != INT96_BYTES) {
            return new ParquetValue.Unreadable("a time of " + value.length() + " bytes");
        }
        ByteBuffer in = value.toByteBuffer().slice().order(ByteOrder.LITTLE_ENDIAN);
        long nanos = in.getLong();
        long day = in.getInt() - (long) UNIX_EPOCH;
        long second = day * (NANOS_OF_DAY / NANOS) + Math.floorDiv(nanos, NANOS);
        return local(second, (int) Math.floorMod(nanos, NANOS));
    }

    /** A period such as {@code P1M2DT3.5S}: months, days and milliseconds, each without a sign. */
    static Object interval(Binary value) {
        if (value.length() != INTERVAL_BYTES) {
            return new ParquetValue.Unreadable("an interval of " + value.length() + " bytes");
        }
        ByteBuffer in = value.toByteBuffer().slice().order(ByteOrder.LITTLE_ENDIAN);
        String months = Integer.toUnsignedString(in.getInt());
        String days = Integer.toUnsignedString(in.getInt());
        Duration time = Duration.of(Integer.toUnsignedLong(in.getInt()), ChronoUnit.MILLIS);
        return "P" + months + "M" + days + "D" + time.toString().substring(1);
    }

    private static String local(long second, int nano) {
        return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(LocalDateTime.ofEpochSecond(second, nano, ZoneOffset.UTC));
    }

    private static long perSecond(TimeUnit unit) {
        return switch (unit) {
            case MILLIS -> 1_000;
            case MICROS -> 1_000_000;
            case NANOS -> NANOS;
        };
    }
}
