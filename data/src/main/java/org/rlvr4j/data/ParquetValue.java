package org.rlvr4j.data;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.BsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.GeographyLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.GeometryLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntervalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UnknownLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/** Converter of a primitive column's values into text, numbers and truth values, times as text, by the column's logical type. */
final class ParquetValue extends PrimitiveConverter {

    /** Longest unscaled value and scale of a decimal; that of writers has at most 76 digits. */
    private static final int MAX_DECIMAL = 400;

    /** Value that is none of these, such as bytes. */
    record Unreadable(String type) {}

    private final PrimitiveType type;
    private final ParquetBudget budget;
    private final Consumer<@Nullable Object> out;
    private @Nullable Dictionary dictionary;
    private @Nullable Object[] words = {}; // of the dictionary, as far as they were needed

    ParquetValue(PrimitiveType type, ParquetBudget budget, Consumer<@Nullable Object> out) {
        this.type = type;
        this.budget = budget;
        this.out = out;
    }

    /** Whether the column holds text, numbers, truth values or times, as it says itself. */
    static boolean isReadable(PrimitiveType type) {
        return switch (type.getLogicalTypeAnnotation()) {
            case null -> !isBytes(type);
            case LogicalTypeAnnotation known -> isReadable(known);
        };
    }

    /** Whether the column holds bytes of no meaning that it says, such as those of an image. */
    static boolean isBytes(PrimitiveType type) {
        return switch (type.getLogicalTypeAnnotation()) {
            case null ->
                type.getPrimitiveTypeName() == PrimitiveTypeName.BINARY
                        || type.getPrimitiveTypeName() == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
            case LogicalTypeAnnotation known ->
                known instanceof BsonLogicalTypeAnnotation
                        || known instanceof GeometryLogicalTypeAnnotation
                        || known instanceof GeographyLogicalTypeAnnotation;
        };
    }

    private static boolean isReadable(LogicalTypeAnnotation known) {
        return isText(known)
                || known instanceof IntLogicalTypeAnnotation
                || known instanceof DateLogicalTypeAnnotation
                || known instanceof TimeLogicalTypeAnnotation
                || known instanceof TimestampLogicalTypeAnnotation
                || known instanceof IntervalLogicalTypeAnnotation
                || known instanceof Float16LogicalTypeAnnotation
                || known instanceof UUIDLogicalTypeAnnotation
                || known instanceof UnknownLogicalTypeAnnotation
                || (known instanceof DecimalLogicalTypeAnnotation decimal && decimal.getScale() <= MAX_DECIMAL);
    }

    private static boolean isText(LogicalTypeAnnotation known) {
        return known instanceof StringLogicalTypeAnnotation
                || known instanceof EnumLogicalTypeAnnotation
                || known instanceof JsonLogicalTypeAnnotation;
    }

    @Override
    public boolean hasDictionarySupport() {
        return true;
    }

    @Override
    public void setDictionary(Dictionary dictionary) {
        this.dictionary = dictionary;
        words = new Object[dictionary.getMaxId() + 1];
    }

    @Override
    public void addValueFromDictionary(int id) {
        if (dictionary == null || id < 0 || id >= words.length) {
            throw new IllegalStateException("there is no word " + id + " in the dictionary");
        }
        Object word = words[id];
        if (word == null) {
            word = decode(dictionary, id);
            words[id] = word;
        }
        out.accept(word);
    }

    private Object decode(Dictionary from, int id) {
        return switch (type.getPrimitiveTypeName()) {
            case INT32 -> integer(from.decodeToInt(id));
            case INT64 -> integer(from.decodeToLong(id));
            case FLOAT -> from.decodeToFloat(id);
            case DOUBLE -> from.decodeToDouble(id);
            case BOOLEAN -> from.decodeToBoolean(id);
            case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 -> bytes(from.decodeToBinary(id));
        };
    }

    @Override
    public void addBinary(Binary value) {
        out.accept(bytes(value));
    }

    @Override
    public void addBoolean(boolean value) {
        out.accept(value);
    }

    @Override
    public void addDouble(double value) {
        out.accept(value);
    }

    @Override
    public void addFloat(float value) {
        out.accept(value);
    }

    @Override
    public void addInt(int value) {
        out.accept(integer(value));
    }

    @Override
    public void addLong(long value) {
        out.accept(integer(value));
    }

    private Object integer(int value) {
        return switch (type.getLogicalTypeAnnotation()) {
            case DateLogicalTypeAnnotation date -> LocalDate.ofEpochDay(value).toString();
            case IntLogicalTypeAnnotation integer
            when !integer.isSigned() && value < 0 -> Integer.toUnsignedLong(value);
            case IntLogicalTypeAnnotation integer -> value;
            case DecimalLogicalTypeAnnotation decimal
            when decimal.getScale() <= MAX_DECIMAL -> BigDecimal.valueOf(value, decimal.getScale());
            case TimeLogicalTypeAnnotation time -> ParquetTime.time(value, time.getUnit(), time.isAdjustedToUTC());
            case UnknownLogicalTypeAnnotation unknown -> value;
            case null -> value;
            default -> unreadable();
        };
    }

    private Object integer(long value) {
        return switch (type.getLogicalTypeAnnotation()) {
            case IntLogicalTypeAnnotation integer
            when !integer.isSigned() && value < 0 -> new BigInteger(Long.toUnsignedString(value));
            case IntLogicalTypeAnnotation integer -> value;
            case DecimalLogicalTypeAnnotation decimal
            when decimal.getScale() <= MAX_DECIMAL -> BigDecimal.valueOf(value, decimal.getScale());
            case TimeLogicalTypeAnnotation time -> ParquetTime.time(value, time.getUnit(), time.isAdjustedToUTC());
            case TimestampLogicalTypeAnnotation moment ->
                ParquetTime.timestamp(value, moment.getUnit(), moment.isAdjustedToUTC());
            case null -> value;
            default -> unreadable();
        };
    }

    private Object bytes(Binary value) {
        budget.text(value.length());
        LogicalTypeAnnotation known = type.getLogicalTypeAnnotation();
        boolean isBinary = type.getPrimitiveTypeName() == PrimitiveTypeName.BINARY;
        if (isBinary && (known == null || isText(known))) { // Hive and Impala write text as bytes
            return text(value);
        }
        if (type.getPrimitiveTypeName() == PrimitiveTypeName.INT96) {
            return ParquetTime.int96(value);
        }
        ByteBuffer in = value.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        return switch (known) {
            case IntervalLogicalTypeAnnotation interval -> ParquetTime.interval(value);
            case DecimalLogicalTypeAnnotation decimal
            when decimal.getScale() <= MAX_DECIMAL && value.length() > 0 && value.length() <= MAX_DECIMAL ->
                new BigDecimal(new BigInteger(value.getBytes()), decimal.getScale());
            case Float16LogicalTypeAnnotation half
            when value.length() == Short.BYTES -> Float.float16ToFloat(in.getShort(in.position()));
            case UUIDLogicalTypeAnnotation uuid
            when value.length() == 2 * Long.BYTES -> {
                in.order(ByteOrder.BIG_ENDIAN);
                yield new UUID(in.getLong(in.position()), in.getLong(in.position() + Long.BYTES)).toString();
            }
            case null, default -> unreadable();
        };
    }

    private static Object text(Binary value) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(value.toByteBuffer())
                    .toString();
        } catch (CharacterCodingException e) {
            return new Unreadable("bytes that are not UTF-8");
        }
    }

    private Unreadable unreadable() {
        LogicalTypeAnnotation known = type.getLogicalTypeAnnotation();
        return new Unreadable("of type " + (known == null ? type.getPrimitiveTypeName() : known));
    }
}
