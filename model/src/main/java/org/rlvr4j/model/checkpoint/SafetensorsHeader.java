package org.rlvr4j.model.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.rlvr4j.model.Json;
import org.rlvr4j.model.checkpoint.Safetensors.Dtype;
import org.rlvr4j.model.checkpoint.Safetensors.Entry;
import org.rlvr4j.model.checkpoint.Safetensors.Stored;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;

/** Header of a safetensors file, checked: 8 bytes of length, then JSON; tensor data follows without a gap. */
final class SafetensorsHeader {

    /** Maximum bytes of the JSON. The format allows 100 MB, but {@link #MAX_TENSORS} tensors need no more than this. */
    private static final long LIMIT = 16_000_000;

    private static final int MAX_TENSORS = 100_000;
    private static final long MAX_DESCRIPTION =
            4_000; // characters; it is read into a tree, which takes many times as much

    private static final Set<String> DTYPES =
            Arrays.stream(Dtype.values()).map(Dtype::name).collect(Collectors.toUnmodifiableSet());

    private static final JsonFactory STREAM = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .build();

    private final Path file;
    private final MemorySegment data;

    private SafetensorsHeader(Path file, MemorySegment data) {
        this.file = file;
        this.data = data;
    }

    /** @param bytes contents of the whole file */
    static Map<String, Stored> parse(Path file, MemorySegment bytes) {
        long available = bytes.byteSize() - Long.BYTES;
        long length = available < 0 ? 0 : bytes.get(JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
        if (length < 0 || length > LIMIT) {
            throw new IllegalArgumentException(file + " is not a safetensors file: its header would have "
                    + Long.toUnsignedString(length) + " bytes, and the limit is " + LIMIT);
        }
        if (length > available) {
            throw new IllegalArgumentException(
                    file + " is truncated: it ends within its header, after " + bytes.byteSize() + " bytes");
        }
        MemorySegment data = bytes.asSlice(Long.BYTES + length);
        var json = new String(bytes.asSlice(Long.BYTES, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        var header = new SafetensorsHeader(file, data);
        header.check(json.indexOf('\ufffd') < 0, "the header is not UTF-8");
        return header.tensors(header.slots(json));
    }

    /** Parses the JSON token by token: a tree of all of it would take many times its size. */
    private Collection<Slot> slots(String json) {
        var slots = new HashMap<String, Slot>();
        try (JsonParser parser = STREAM.createParser(ObjectReadContext.empty(), json)) {
            check(parser.nextToken() == JsonToken.START_OBJECT, "the header must be an object");
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                int start = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                int end = (int) parser.currentLocation().getCharOffset();
                if (name.equals("__metadata__")) {
                    continue;
                }
                check(
                        end - start <= MAX_DESCRIPTION,
                        "the description of tensor " + Json.shown(name) + " must have at most " + MAX_DESCRIPTION
                                + " characters, not " + (end - start));
                String source = "tensor " + Json.shown(name) + " in the header of " + file;
                JsonNode description = Json.parse(json.substring(start, end), source);
                check(
                        slots.put(name, slot(name, description)) == null,
                        "tensor " + Json.shown(name) + " is there twice");
                check(slots.size() <= MAX_TENSORS, "the header must have at most " + MAX_TENSORS + " tensors");
            }
            check(parser.nextToken() == null, "the header goes on after its object");
        } catch (JacksonException e) {
            throw Json.invalid("the header of " + file, e);
        }
        return slots.values();
    }

    private Map<String, Stored> tensors(Collection<Slot> slots) {
        var tensors = new LinkedHashMap<String, Stored>();
        long end = 0;
        for (Slot slot : slots.stream().sorted(Slot.BY_OFFSET).toList()) {
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
        String subject = "data_offsets of tensor " + Json.shown(name);
        check(offsets.size() == 2, subject + " must be two numbers, not " + offsets);
        long begin = offsets.getFirst();
        long end = offsets.getLast();
        Entry entry = entry(name, json);
        check(
                end >= begin && end - begin == entry.bytes(),
                subject + " must span the " + entry.bytes() + " bytes of " + entry.dtype() + " " + entry.shape()
                        + ", not " + offsets);
        return new Slot(name, entry, begin, end);
    }

    private Entry entry(String name, JsonNode json) {
        List<Long> shape = longs(name, json.path("shape"), "shape");
        Dtype dtype = dtype(name, json.path("dtype"));
        try {
            return new Entry(dtype, shape);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    file + ": tensor " + Json.shown(name) + " of shape " + shape + " is too large", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": tensor " + Json.shown(name) + ": " + e.getMessage(), e);
        }
    }

    private Dtype dtype(String name, JsonNode dtype) {
        String spelled = dtype.asString("");
        check(
                DTYPES.contains(spelled),
                "tensor " + Json.shown(name) + " has the unsupported dtype " + dtype
                        + ", which the format does not have");
        return Dtype.valueOf(spelled);
    }

    private List<Long> longs(String name, JsonNode array, String field) {
        var longs = new ArrayList<Long>();
        String subject = field + " of tensor " + Json.shown(name);
        check(array.isArray(), subject + " must be an array of numbers, not " + array);
        for (JsonNode number : array) {
            check(
                    number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0,
                    subject + " must hold whole numbers from 0 to 2^63 - 1, not " + array);
            longs.add(number.longValue());
        }
        return longs;
    }

    private void check(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(file + ": " + Json.shown(message));
        }
    }

    private record Slot(String name, Entry entry, long begin, long end) {
        static final Comparator<Slot> BY_OFFSET =
                Comparator.comparingLong(Slot::begin).thenComparingLong(Slot::end);
    }
}
