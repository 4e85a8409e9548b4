package org.rlvr4j.model.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlvr4j.model.Json;
import org.rlvr4j.model.checkpoint.Safetensors.Dtype;
import org.rlvr4j.model.checkpoint.Safetensors.Entry;
import tools.jackson.databind.SerializationFeature;

/**
 * Writer of safetensors files in Hugging Face layout, block by block, without a second copy of the model.
 *
 * <p>An existing file is never overwritten, because it may be mapped into memory.
 */
public final class SafetensorsWriter {

    private static final int BLOCK = 1 << 16; // elements
    private static final int ALIGNMENT = 8; // bytes, of the data in the file

    private final Dtype dtype;

    /** @param dtype element type in the file: F32, or BF16 rounded to nearest, ties to even */
    public SafetensorsWriter(Dtype dtype) {
        requireWritable(dtype);
        this.dtype = dtype;
    }

    /**
     * Checks an element type before anything is loaded or written.
     *
     * @param dtype element type
     * @throws IllegalArgumentException if tensors are not written in this type, but only as F32 or BF16
     */
    public static void requireWritable(Dtype dtype) {
        if (dtype != Dtype.F32 && dtype != Dtype.BF16) {
            throw new IllegalArgumentException("tensors are written as F32 or BF16, not as " + dtype);
        }
    }

    /**
     * Writes tensors to one new file.
     *
     * @param file    file that does not exist yet
     * @param tensors tensors in the order of the file
     */
    public void write(Path file, List<Item> tensors) {
        var header = new LinkedHashMap<String, Object>();
        header.put("__metadata__", Map.of("format", "pt"));
        long end = 0;
        for (Item tensor : tensors) {
            Entry entry = entry(tensor);
            long begin = end;
            end = Math.addExact(begin, entry.bytes());
            var fields = new LinkedHashMap<String, Object>();
            fields.put("dtype", dtype.name());
            fields.put("shape", entry.shape());
            fields.put("data_offsets", List.of(begin, end));
            if (header.put(tensor.name, fields) != null) {
                throw new IllegalArgumentException("two tensors are named " + tensor.name);
            }
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            writeHeader(channel, header);
            for (Item tensor : tensors) {
                writeData(channel, tensor);
            }
        } catch (FileAlreadyExistsException e) {
            throw new UncheckedIOException(file + " exists already", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Writes {@code model.safetensors}, or shards and their index if the tensors take more than one shard.
     *
     * @param folder        existing folder that holds no model yet
     * @param tensors       tensors in the order of the files
     * @param maxShardBytes maximum size of a shard in bytes; only a shard of a single tensor may be larger
     */
    public void writeModel(Path folder, List<Item> tensors, long maxShardBytes) {
        if (Files.exists(folder.resolve(Safetensors.SINGLE)) || Files.exists(folder.resolve(Safetensors.INDEX))) {
            throw new IllegalArgumentException(folder + " holds a model already");
        }
        List<List<Item>> shards = shards(tensors, maxShardBytes);
        if (shards.size() == 1) {
            write(folder.resolve(Safetensors.SINGLE), tensors);
            return;
        }
        var files = new LinkedHashMap<String, String>();
        for (int s = 0; s < shards.size(); s++) {
            String file = "model-%05d-of-%05d.safetensors".formatted(s + 1, shards.size());
            write(folder.resolve(file), shards.get(s));
            shards.get(s).forEach(tensor -> files.put(tensor.name, file));
        }
        long total = tensors.stream().mapToLong(tensor -> entry(tensor).bytes()).sum();
        var index = new LinkedHashMap<String, Object>();
        index.put("metadata", Map.of("total_size", total));
        index.put("weight_map", files);
        Json.write(folder.resolve(Safetensors.INDEX), index);
    }

    private List<List<Item>> shards(List<Item> tensors, long maxShardBytes) {
        var names = new HashSet<String>();
        var shards = new ArrayList<List<Item>>();
        shards.add(new ArrayList<>());
        long size = 0;
        for (Item tensor : tensors) {
            if (!names.add(tensor.name)) {
                throw new IllegalArgumentException("two tensors are named " + tensor.name);
            }
            long bytes = entry(tensor).bytes();
            if (size > 0 && bytes > maxShardBytes - size) {
                shards.add(new ArrayList<>());
                size = 0;
            }
            shards.getLast().add(tensor);
            size += bytes;
        }
        return shards;
    }

    private Entry entry(Item tensor) {
        return new Entry(dtype, tensor.shape);
    }

    private static void writeHeader(FileChannel channel, Map<String, Object> header) throws IOException {
        byte[] json =
                Json.MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(header);
        int padding = Math.floorMod(-json.length, ALIGNMENT);
        ByteBuffer bytes =
                ByteBuffer.allocate(Long.BYTES + json.length + padding).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length + padding).put(json).put(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
        write(channel, bytes.flip());
    }

    private void writeData(FileChannel channel, Item tensor) throws IOException {
        long elements = entry(tensor).elements();
        var block = new float[(int) Math.min(BLOCK, elements)];
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact(dtype.bytes(block.length)))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (long from = 0; from < elements; from += block.length) {
            if (block.length > elements - from) {
                block = new float[(int) (elements - from)];
            }
            tensor.source.read(from, block);
            bytes.clear();
            if (dtype == Dtype.F32) {
                bytes.asFloatBuffer().put(block);
            } else {
                bytes.asShortBuffer().put(toBfloat16(block));
            }
            write(channel, bytes.limit(Math.toIntExact(dtype.bytes(block.length))));
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static short[] toBfloat16(float[] values) {
        var halves = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            int bits = Float.floatToIntBits(values[i]); // every NaN is 0x7fc00000 here, which survives the rounding
            int half = bits >>> Short.SIZE;
            halves[i] = (short) ((bits + 0x7fff + (half & 1)) >>> Short.SIZE);
        }
        return halves;
    }

    /**
     * Tensor to be written: name, shape and source of its elements.
     *
     * @param name   name of the tensor
     * @param shape  sizes of its dimensions
     * @param source its elements
     */
    public record Item(String name, List<Long> shape, Source source) {}

    /** Source of a tensor's elements. */
    @FunctionalInterface
    public interface Source {

        /**
         * Fills {@code into} with the tensor's elements in row-major order from element {@code from}.
         *
         * @param from index of the first element to read
         * @param into array to fill
         */
        void read(long from, float[] into);
    }
}
