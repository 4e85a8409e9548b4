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
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rlvr4j.model.Json;
import org.rlvr4j.tensor.Require;
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

    private static final int COMPARED = 1 << 16; // elements of two tensors that are compared at a time

    private static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path source;
    private final Arena arena = Arena.ofShared();
    private final Map<String, Stored> tensors = new LinkedHashMap<>();

    private Safetensors(Path source) {
        this.source = source;
    }

    /**
     * Opens one file, or a folder with {@code model.safetensors} or else {@code model.safetensors.index.json}.
     *
     * @param folderOrFile folder of a checkpoint, or one file
     */
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

    /** Names of the tensors, in the order of the file or the index, which those follow that the index does not list. */
    public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    /**
     * Header entry of a tensor.
     *
     * @param name name of the tensor
     */
    public Entry entry(String name) {
        return stored(name).entry;
    }

    /**
     * The entry of a tensor of floats, F32, F16 or BF16, that must have this shape.
     *
     * @param name  name of the tensor
     * @param shape sizes of its dimensions
     */
    public Entry require(String name, long... shape) {
        Entry entry = entry(name);
        requireFloats(name, entry.dtype);
        if (!entry.shape.equals(Arrays.stream(shape).boxed().toList())) {
            throw new IllegalArgumentException("tensor " + name + " of " + source + " has shape " + entry.shape
                    + " where " + Arrays.toString(shape) + " is expected");
        }
        return entry;
    }

    /**
     * Fills {@code into} with elements of a F32, F16 or BF16 tensor, in row-major order from element {@code from}.
     *
     * @param name name of the tensor
     * @param from index of the first element to read
     * @param into array to fill
     */
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
            default -> requireFloats(name, tensor.entry.dtype);
        }
    }

    private void requireFloats(String name, Dtype dtype) {
        if (!Dtype.FLOATS.contains(dtype)) {
            String reason = dtype == Dtype.I64 ? " holds integers" : " has the unsupported dtype \"" + dtype + '"';
            throw new IllegalArgumentException("tensor " + name + reason + " in " + source
                    + ": weights must be F32, F16 or BF16, so convert it to one of these");
        }
    }

    /** Gives a tensor a second name. */
    void alias(String name, String second) {
        tensors.put(second, stored(name));
    }

    /** Whether two tensors have the same shape and, as floats, the same values. */
    boolean isEqual(String one, String other) {
        Stored a = stored(one);
        Stored b = stored(other);
        if (!a.entry.shape.equals(b.entry.shape)) {
            return false;
        }
        if (a.entry.dtype == b.entry.dtype && a.data.mismatch(b.data) < 0) {
            return true;
        }
        long elements = a.entry.elements();
        for (long from = 0; from < elements; from += COMPARED) {
            var block = new float[(int) Math.min(COMPARED, elements - from)];
            var otherBlock = new float[block.length];
            read(one, from, block);
            read(other, from, otherBlock);
            for (int i = 0; i < block.length; i++) {
                if (block[i] != otherBlock[i]) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * All elements of a F32, F16 or BF16 tensor that fits into an array.
     *
     * @param name name of the tensor
     */
    public float[] read(String name) {
        var all = new float[Math.toIntExact(entry(name).elements())];
        read(name, 0, all);
        return all;
    }

    /** Frees the memory that holds a tensor's part of the file, until the tensor is read again. */
    void unload(String name) {
        stored(name).data.unload();
    }

    /**
     * All elements of an I64 tensor that fits into an array.
     *
     * @param name name of the tensor
     */
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
        var shards = new LinkedHashMap<String, Map<String, Stored>>();
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
        var listed = new HashMap<String, String>(); // file by tensor
        files.properties()
                .forEach(assignment ->
                        listed.put(assignment.getKey(), assignment.getValue().asString("")));
        shards.forEach((file, shard) -> shard.forEach((name, tensor) -> {
            if (!file.equals(listed.getOrDefault(name, ""))) {
                addUnlisted(index, name, tensor);
            }
        }));
    }

    /** Adds a tensor that the index does not list in its shard: Transformers reads shards whole. */
    private void addUnlisted(Path index, String name, Stored tensor) {
        Stored other = tensors.putIfAbsent(name, tensor);
        if (other != null && !(other.entry.equals(tensor.entry) && other.data.mismatch(tensor.data) < 0)) {
            throw new IllegalArgumentException("two of the files of " + index + " have a tensor " + Json.shown(name)
                    + ", and their values differ: remove one of them");
        }
    }

    /** Element type of a stored tensor: all of the format, of which F32, F16, BF16 and I64 can be read. */
    public enum Dtype {
        F32(32),
        F16(16),
        BF16(16),
        I64(64),
        BOOL(8),
        F4(4),
        F6_E2M3(6),
        F6_E3M2(6),
        U8(8),
        I8(8),
        F8_E5M2(8),
        F8_E4M3(8),
        F8_E8M0(8),
        F8_E4M3FNUZ(8),
        F8_E5M2FNUZ(8),
        I16(16),
        U16(16),
        I32(32),
        U32(32),
        C64(64),
        F64(64),
        U64(64);

        private static final Set<Dtype> FLOATS = Collections.unmodifiableSet(EnumSet.of(F32, F16, BF16));

        private final int bits;

        Dtype(int bits) {
            this.bits = bits;
        }

        /**
         * Bytes of a number of elements.
         *
         * @param elements number of elements
         * @throws ArithmeticException if the elements take 2^63 bits or more
         */
        public long bytes(long elements) {
            long size = Math.multiplyExact(elements, (long) bits);
            Require.that(
                    size % Byte.SIZE == 0, elements + " elements of " + this + " do not fill a whole number of bytes");
            return size / Byte.SIZE;
        }
    }

    /**
     * Header entry of a tensor: its element type and shape.
     *
     * @param dtype element type
     * @param shape sizes of the dimensions
     */
    public record Entry(Dtype dtype, List<Long> shape) {

        /** @throws ArithmeticException if the elements take 2^63 bits or more */
        public Entry {
            shape = List.copyOf(shape);
            dtype.bytes(shape.stream().reduce(1L, Math::multiplyExact));
        }

        public long elements() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }

        public long bytes() {
            return dtype.bytes(elements());
        }
    }

    record Stored(Entry entry, MemorySegment data) {}
}
