package org.rlvr4j.model.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rlvr4j.model.Json;
import tools.jackson.databind.JsonNode;

/**
 * The tensors of a safetensors file, or of the shards that an index lists, mapped into memory.
 *
 * <p>Files are checked when they are opened: a file that this class accepts can be read to its last element. A file that
 * cannot be opened causes an {@link java.io.UncheckedIOException}, one that contradicts itself an
 * {@link IllegalArgumentException}; the message names the file, and the tensor.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">The format</a>
 */
public final class Safetensors implements Closeable {

    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path source;
    private final Arena arena = Arena.ofShared();
    private final Map<String, Stored> tensors = new LinkedHashMap<>();

    private Safetensors(Path source) {
        this.source = source;
    }

    /** Opens one file, or a folder with {@code model.safetensors} or else {@code model.safetensors.index.json}. */
    public static Safetensors open(Path folderOrFile) {
        var opened = new Safetensors(folderOrFile);
        try {
            Path index = folderOrFile.resolve(INDEX);
            if (!Files.isDirectory(folderOrFile)) {
                opened.tensors.putAll(opened.map(folderOrFile));
            } else if (Files.exists(index) && !Files.exists(folderOrFile.resolve(SINGLE))) {
                opened.mapShards(folderOrFile, index);
            } else {
                opened.tensors.putAll(opened.map(folderOrFile.resolve(SINGLE)));
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** Names of the tensors, in the order of the file or the index. */
    public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    public Entry entry(String name) {
        return stored(name).entry;
    }

    /** The entry of a tensor that must have this shape. */
    public Entry require(String name, long... shape) {
        Entry entry = entry(name);
        if (!entry.shape.equals(Arrays.stream(shape).boxed().toList())) {
            throw new IllegalArgumentException("tensor " + name + " of " + source + " has shape " + entry.shape
                    + " where " + Arrays.toString(shape) + " is expected");
        }
        return entry;
    }

    /** Fills {@code into} with elements of a F32, F16 or BF16 tensor, in row-major order from element {@code from}. */
    public void read(String name, long from, float[] into) {
        Stored tensor = stored(name);
        long elements = tensor.entry.elements();
        if (from < 0 || from > elements - into.length) {
            throw new IndexOutOfBoundsException("tensor " + name + " has " + elements + " elements, not elements "
                    + from + " to " + (from + into.length));
        }
        MemorySegment data = tensor.data;
        switch (tensor.entry.dtype) {
            case F32 -> MemorySegment.copy(data, FLOAT, from * Float.BYTES, into, 0, into.length);
            case F16 -> {
                for (int i = 0; i < into.length; i++) {
                    into[i] = Float.float16ToFloat(data.get(SHORT, (from + i) * Short.BYTES));
                }
            }
            case BF16 -> {
                for (int i = 0; i < into.length; i++) {
                    into[i] = Float.intBitsToFloat(data.get(SHORT, (from + i) * Short.BYTES) << Short.SIZE);
                }
            }
            case I64 -> throw new IllegalArgumentException("tensor " + name + " of " + source + " holds integers");
        }
    }

    /** All elements of a F32, F16 or BF16 tensor that fits into an array. */
    public float[] read(String name) {
        var all = new float[Math.toIntExact(entry(name).elements())];
        read(name, 0, all);
        return all;
    }

    /** Frees the memory that holds a tensor's part of the file, until the tensor is read again. */
    void unload(String name) {
        stored(name).data.unload();
    }

    /** All elements of an I64 tensor that fits into an array. */
    public long[] readInts(String name) {
        Stored tensor = stored(name);
        if (tensor.entry.dtype != Dtype.I64) {
            throw new IllegalArgumentException(
                    "tensor " + name + " of " + source + " is " + tensor.entry.dtype + ", not I64");
        }
        return tensor.data.toArray(LONG);
    }

    @Override
    public void close() {
        arena.close();
    }

    private Stored stored(String name) {
        Stored tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(source + " has no tensor " + name);
        }
        return tensor;
    }

    private Map<String, Stored> map(Path file) {
        try (var channel = FileChannel.open(file)) {
            return SafetensorsHeader.parse(file, channel.map(MapMode.READ_ONLY, 0, channel.size(), arena));
        } catch (IOException e) {
            throw Json.unreadable(file, e);
        }
    }

    private void mapShards(Path folder, Path index) {
        JsonNode files = Json.read(index).path("weight_map");
        if (!files.isObject()) {
            throw new IllegalArgumentException(index + " has no object weight_map");
        }
        var shards = new HashMap<String, Map<String, Stored>>();
        for (Map.Entry<String, JsonNode> assignment : files.properties()) {
            String name = assignment.getKey();
            String file = assignment.getValue().asString("");
            if (!file.matches("[\\w-][\\w.-]{0,199}")) { // nothing outside the folder is ever opened
                throw new IllegalArgumentException(index + " puts tensor " + Json.shown(name) + " into "
                        + Json.shown(assignment.getValue()) + ", which is not a file name");
            }
            Stored tensor =
                    shards.computeIfAbsent(file, f -> map(folder.resolve(f))).get(name);
            if (tensor == null) {
                throw new IllegalArgumentException(
                        index + " puts tensor " + Json.shown(name) + " into " + file + ", which has no such tensor");
            }
            tensors.put(name, tensor);
        }
    }

    /** Element type of a stored tensor. */
    public enum Dtype {
        F32(Float.BYTES),
        F16(Short.BYTES),
        BF16(Short.BYTES),
        I64(Long.BYTES);

        final int bytes;

        Dtype(int bytes) {
            this.bytes = bytes;
        }
    }

    /** Header entry of a tensor: its element type and shape. */
    public record Entry(Dtype dtype, List<Long> shape) {

        /** @throws ArithmeticException if the size in bytes passes 2^63 */
        public Entry {
            shape = List.copyOf(shape);
            Math.multiplyExact(shape.stream().reduce(1L, Math::multiplyExact), dtype.bytes);
        }

        public long elements() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }

        public long bytes() {
            return elements() * dtype.bytes;
        }
    }

    record Stored(Entry entry, MemorySegment data) {}
}
