package org.rlvr4j.model;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlvr4j.model.Safetensors.Dtype;
import org.rlvr4j.model.Safetensors.Entry;
import org.rlvr4j.model.Safetensors.Stored;
import tools.jackson.databind.JsonNode;

/** Reads and checks the start of a safetensors file: 8 bytes of length, then JSON; tensor data follows without a gap. */
final class SafetensorsHeader {

    /** The format's own bound on the JSON. */
    private static final long LIMIT = 100_000_000;

    private static final int MAX_TENSORS = 100_000;

    private final Path file;
    private final MemorySegment data;

    private SafetensorsHeader(Path file, MemorySegment data) {
        this.file = file;
        this.data = data;
    }

    /** @param bytes the whole file */
    static Map<String, Stored> parse(Path file, MemorySegment bytes) {
        long rest = bytes.byteSize() - Long.BYTES;
        long length = rest < 0 ? 0 : bytes.get(JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
        if (length < 0 || length > LIMIT) {
            throw new IllegalArgumentException(file + " is not a safetensors file: its header would have "
                    + Long.toUnsignedString(length) + " bytes, and the limit is " + LIMIT);
        }
        if (length > rest) {
            throw new IllegalArgumentException(
                    file + " is truncated: it ends within its header, after " + bytes.byteSize() + " bytes");
        }
        MemorySegment data = bytes.asSlice(Long.BYTES + length);
        byte[] json = bytes.asSlice(Long.BYTES, length).toArray(JAVA_BYTE);
        return new SafetensorsHeader(file, data).tensors(Json.parse(json, "the header of " + file));
    }

    private Map<String, Stored> tensors(JsonNode header) {
        check(header.isObject(), "the header", header, "must be an object");
        check(
                header.size() <= MAX_TENSORS,
                "the header",
                header.size() + " tensors",
                "must have at most " + MAX_TENSORS);
        var slots = new ArrayList<Slot>();
        header.properties().stream()
                .filter(property -> !property.getKey().equals("__metadata__"))
                .forEach(property -> slots.add(slot(property.getKey(), property.getValue())));
        slots.sort(Comparator.comparingLong(Slot::begin).thenComparingLong(Slot::end));
        var tensors = new LinkedHashMap<String, Stored>();
        long end = 0;
        for (Slot slot : slots) {
            if (slot.begin != end) {
                throw new IllegalArgumentException(file + ": the data of tensor " + Json.shown(slot.name)
                        + " begins at byte " + slot.begin + ", but the tensor before it ends at byte " + end);
            }
            if (slot.end > data.byteSize()) {
                throw new IllegalArgumentException(file + " is truncated: tensor " + Json.shown(slot.name)
                        + " ends at byte " + slot.end + " of the data, of which there are " + data.byteSize());
            }
            end = slot.end;
            tensors.put(slot.name, new Stored(slot.entry, data.asSlice(slot.begin, slot.end - slot.begin)));
        }
        if (end != data.byteSize()) {
            throw new IllegalArgumentException(
                    file + " has " + (data.byteSize() - end) + " bytes that belong to no tensor");
        }
        return tensors;
    }

    private Slot slot(String name, JsonNode json) {
        List<Long> offsets = longs(name, json.path("data_offsets"), "data_offsets");
        check(offsets.size() == 2, "data_offsets of tensor " + Json.shown(name), offsets, "must be two numbers");
        long begin = offsets.getFirst();
        long end = offsets.getLast();
        Entry entry = entry(name, json);
        check(
                end >= begin && end - begin == entry.bytes(),
                "data_offsets of tensor " + Json.shown(name),
                offsets,
                "must span the " + entry.bytes() + " bytes of " + entry.dtype() + " " + entry.shape());
        return new Slot(name, entry, begin, end);
    }

    private Entry entry(String name, JsonNode json) {
        List<Long> shape = longs(name, json.path("shape"), "shape");
        String dtype = json.path("dtype").asString("");
        try {
            return new Entry(Dtype.valueOf(dtype), shape);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    file + ": tensor " + Json.shown(name) + " of shape " + shape + " is too large", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    file + ": tensor " + Json.shown(name) + " has the unsupported dtype "
                            + Json.shown(json.path("dtype")) + " (supported are F32, F16, BF16 and I64)",
                    e);
        }
    }

    private List<Long> longs(String name, JsonNode array, String field) {
        var longs = new ArrayList<Long>();
        check(array.isArray(), field + " of tensor " + Json.shown(name), array, "must be an array of numbers");
        for (JsonNode number : array) {
            check(
                    number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0,
                    field + " of tensor " + Json.shown(name),
                    array,
                    "must hold whole numbers from 0 to 2^63 - 1");
            longs.add(number.longValue());
        }
        return longs;
    }

    private void check(boolean condition, String what, Object value, String rule) {
        if (!condition) {
            throw new IllegalArgumentException(file + ": " + Json.shown(what + " " + rule + ", not " + value));
        }
    }

    private record Slot(String name, Entry entry, long begin, long end) {}
}
