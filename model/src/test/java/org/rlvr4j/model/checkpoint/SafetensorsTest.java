package org.rlvr4j.model.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.model.checkpoint.Safetensors.Dtype;
import org.rlvr4j.model.checkpoint.SafetensorsWriter.Item;

class SafetensorsTest {

    @TempDir
    Path folder = Path.of("");

    @Test
    void float32IsReadAsItWasWritten() {
        float[] values = {1.5f, -0f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NEGATIVE_INFINITY, Float.NaN};
        new SafetensorsWriter(Dtype.F32).write(folder.resolve("x"), List.of(item("w", List.of(2L, 3L), values)));

        try (var file = Safetensors.open(folder.resolve("x"))) {
            assertThat(file.require("w", 2, 3).dtype()).isEqualTo(Dtype.F32);
            assertThat(file.read("w")).containsExactly(values);
            var middle = new float[2];
            file.read("w", 3, middle);
            assertThat(middle).containsExactly(Float.MAX_VALUE, Float.NEGATIVE_INFINITY);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3f800000, 3f800000", // 1
        "3f808000, 3f800000", // a tie goes to the even neighbour, here down
        "3f818000, 3f820000", // and here up
        "3f808001, 3f810000", // just above a tie
        "bf80ffff, bf810000",
        "7f7fffff, 7f800000", // the largest float is nearer to infinity
        "ff800000, ff800000",
        "00000001, 00000000",
        "00018000, 00020000", // subnormal
        "7f800001, 7fc00000", // NaN stays NaN
    })
    void bfloat16IsRoundedToTheNearestEven(String written, String read) {
        float[] value = {Float.intBitsToFloat(Integer.parseUnsignedInt(written, 16))};
        new SafetensorsWriter(Dtype.BF16).write(folder.resolve("x"), List.of(item("w", List.of(1L), value)));

        try (var file = Safetensors.open(folder.resolve("x"))) {
            assertThat(Integer.toHexString(Float.floatToRawIntBits(file.read("w")[0])))
                    .isEqualTo(Integer.toHexString(Integer.parseUnsignedInt(read, 16)));
        }
    }

    @Test
    void float16AndIntegersAreRead() throws IOException {
        Path file = file("""
            {"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"i":{"dtype":"I64","shape":[2],"data_offsets":[6,22]}}
            """, shorts(0x3c00, 0xc000, 0x0001, -1, -1, -1, -1, 7, 0, 0, 0));

        try (var tensors = Safetensors.open(file)) {
            assertThat(tensors.read("h")).containsExactly(1, -2, 0x1p-24f);
            assertThat(tensors.readInts("i")).containsExactly(-1, 7);
            assertThatThrownBy(() -> tensors.read("i"))
                    .hasMessageContaining("tensor i")
                    .hasMessageContaining("integers");
            assertThatThrownBy(() -> tensors.readInts("h")).hasMessageContaining("is F16, not I64");
        }
    }

    @Test
    void aScalarHasOneElementAndAnEmptyTensorNone() {
        var tensors = List.of(item("none", List.of(0L, 5L)), item("one", List.of(), 3));
        new SafetensorsWriter(Dtype.F32).write(folder.resolve("x"), tensors);

        try (var file = Safetensors.open(folder.resolve("x"))) {
            assertThat(file.read("none")).isEmpty();
            assertThat(file.read("one")).containsExactly(3);
            assertThat(file.names()).containsExactly("none", "one");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 8", "F4, 16", "F6_E2M3, 8", "F6_E3M2, 8", "U8, 8", "I8, 8", "F8_E5M2, 8", "F8_E4M3, 8", "F8_E8M0, 8",
        "F8_E4M3FNUZ, 8", "F8_E5M2FNUZ, 8", "I16, 4", "U16, 4", "I32, 2", "U32, 2", "C64, 1", "F64, 1", "I64, 1",
        "U64, 1"
    })
    void aTensorThatIsNotReadMayHaveAnyTypeOfTheFormat(String dtype, int elements) throws IOException {
        int size = dtype.startsWith("F6_") ? 6 : 8;
        Path file = file(
                "{\"x\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]},".formatted(dtype, elements, size)
                        + "\"none\":{\"dtype\":\"%s\",\"shape\":[0,3],\"data_offsets\":[%d,%d]},"
                                .formatted(dtype, size, size)
                        + "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}".formatted(size, size + 4),
                Arrays.copyOf(new byte[] {}, size + 4));

        try (var tensors = Safetensors.open(file)) {
            assertThat(tensors.read("w")).containsExactly(0);
            assertThat(tensors.entry("x").bytes()).isEqualTo(size);
            assertThatThrownBy(() -> tensors.require("x", elements))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("tensor x")
                    .hasMessageContaining(dtype.equals("I64") ? "holds integers" : "dtype \"" + dtype + '"')
                    .hasMessageContaining(file + ": weights must be F32, F16 or BF16");
            assertThatThrownBy(() -> tensors.read("x")).hasMessageContaining("tensor x");
        }
    }

    @Test
    void aTensorLongerThanABlockIsWrittenWhole() {
        var values = new float[200_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        new SafetensorsWriter(Dtype.F32).write(folder.resolve("x"), List.of(item("w", List.of(3L, 66_667L), values)));

        try (var file = Safetensors.open(folder.resolve("x"))) {
            assertThat(file.read("w")).isEqualTo(values);
        }
    }

    @Test
    void aModelIsCutIntoShardsOfAtMostTheGivenSize() throws IOException {
        var tensors = List.of(
                item("a", List.of(2L), 1, 2),
                item("b", List.of(1L), 3),
                item("c", List.of(9L), new float[9]),
                item("d", List.of(3L), 4, 5, 6));
        new SafetensorsWriter(Dtype.F32).writeModel(folder, tensors, 12);

        assertThat(folder).isDirectoryNotContaining("glob:**/model.safetensors");
        assertThat(Files.readString(folder.resolve("model.safetensors.index.json")))
                .contains("\"total_size\" : 60")
                .contains("\"b\" : \"model-00001-of-00003.safetensors\"")
                .contains("\"c\" : \"model-00002-of-00003.safetensors\"")
                .contains("\"d\" : \"model-00003-of-00003.safetensors\"");
        try (var model = Safetensors.open(folder)) {
            assertThat(model.names()).containsExactly("a", "b", "c", "d");
            assertThat(model.read("a")).containsExactly(1, 2);
            assertThat(model.read("d")).containsExactly(4, 5, 6);
        }
    }

    @Test
    void aModelThatFitsIntoOneShardIsOneFile() {
        var writer = new SafetensorsWriter(Dtype.F32);
        writer.writeModel(folder, List.of(item("a", List.of(1L), 1)), 12);

        assertThat(folder).isDirectoryContaining("glob:**/model.safetensors");
        assertThatThrownBy(() -> writer.writeModel(folder, List.of(item("a", List.of(1L), 1)), 12))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("holds a model already");
    }

    @Test
    void theHeaderIsPaddedSoThatDataIsAligned() throws IOException {
        new SafetensorsWriter(Dtype.F32).write(folder.resolve("x"), List.of(item("abc", List.of(1L), 1)));

        byte[] bytes = Files.readAllBytes(folder.resolve("x"));

        assertThat((bytes.length - Float.BYTES) % 8).isZero();
        assertThat(new String(bytes, UTF_8)).contains("\"__metadata__\":{\"format\":\"pt\"}");
    }

    @Test
    void everyTruncationIsReported() throws IOException {
        new SafetensorsWriter(Dtype.F32).write(folder.resolve("x"), List.of(item("w", List.of(2L), 1, 2)));
        byte[] whole = Files.readAllBytes(folder.resolve("x"));

        for (int length = 0; length < whole.length; length++) {
            Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Safetensors.open(cut))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cut");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | span the 8 bytes of F32 [2], not [0, 4]",
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}} | span the 8 bytes of F32 [2], not [8, 0]",
                "{'w':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}} | truncated: tensor w ends at byte 12",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 4 bytes that belong to no tensor",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | tensor w begins at byte 4",
                "{'v':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'w':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}"
                    + " | tensor w begins at byte 4, but the tensor before it ends at byte 8",
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}"
                    + " | tensor w is there twice",
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'shape':[2]}} | Duplicate",
                "{'w':{'dtype':'F8','shape':[8],'data_offsets':[0,8]}} | tensor w has the unsupported dtype \"F8\"",
                "{'w':{'dtype':'f32','shape':[2],'data_offsets':[0,8]}} | tensor w has the unsupported dtype \"f32\"",
                "{'w':{'dtype':'U16','shape':[8],'data_offsets':[0,8]}} | span the 16 bytes of U16 [8], not [0, 8]",
                "{'w':{'dtype':'F4','shape':[15],'data_offsets':[0,8]}} | tensor w: 15 elements of F4 do not fill a"
                        + " whole number of bytes",
                "{'w':{'shape':[8],'data_offsets':[0,8]}} | tensor w has the unsupported dtype",
                "{'w':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,8]}} | too large",
                "{'w':{'dtype':'F32','shape':[4611686018427387904],'data_offsets':[0,8]}} | too large",
                "{'w':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | shape of tensor w must hold whole numbers",
                "{'w':{'dtype':'F32','shape':[2.5],'data_offsets':[0,8]}} | shape of tensor w must hold whole numbers",
                "{'w':{'dtype':'F32','shape':2,'data_offsets':[0,8]}} | shape of tensor w must be an array",
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0]}} | data_offsets of tensor w must be two numbers,"
                        + " not [0]",
                "{'w':{'dtype':'F32','shape':[2]}} | data_offsets of tensor w must be an array",
                "[] | the header must be an object",
                "{} {} | the header goes on after its object",
                "{'\ufffd':0} | the header is not UTF-8",
                "{'w': | not valid JSON",
            })
    void aHeaderThatContradictsItselfIsRefused(String header, String message) throws IOException {
        Path file = file(header.replace('\'', '"'), new byte[8]);

        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"16000001, 16000001", "-1, 18446744073709551615"})
    void aHeaderBeyondTheLimitIsRefused(long length, String named) throws IOException {
        byte[] bytes = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
        Path file = Files.write(folder.resolve("x"), bytes);

        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named + " bytes, and the limit is 16000000");
    }

    @Test
    void aHeaderTakesLittleMoreMemoryThanItHasBytes() throws IOException {
        String shape = "1,".repeat(7_000_000) + "1"; // 28 bytes for each number, if they were read into a list
        Path file = file("{\"w\":{\"dtype\":\"F32\",\"shape\":[" + shape + "],\"data_offsets\":[0,8]}}", new byte[8]);
        var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();

        assertThatThrownBy(() -> Safetensors.open(file)).hasMessageContaining("must have at most 4000 characters");

        assertThat(thread.getCurrentThreadAllocatedBytes() - before).isLessThan(64 << 20);
    }

    @ParameterizedTest
    @CsvSource({"../x.safetensors", "/etc/passwd", "..", "sub/x.safetensors"})
    void anIndexMayNotNameAPathOutsideItsFolder(String path) throws IOException {
        Files.writeString(
                folder.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"w\":\"%s\"}}".formatted(path));

        assertThatThrownBy(() -> Safetensors.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tensor w")
                .hasMessageContaining(path);
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        assertThatThrownBy(() -> Safetensors.open(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("no such file: ")
                .hasMessageEndingWith("model.safetensors");

        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"w\":\"a.safetensors\"}}");
        assertThatThrownBy(() -> Safetensors.open(folder)).hasMessageEndingWith("a.safetensors");

        new SafetensorsWriter(Dtype.F32).write(folder.resolve("a.safetensors"), List.of(item("v", List.of(1L), 1)));
        assertThatThrownBy(() -> Safetensors.open(folder)).hasMessageContaining("puts tensor w into a.safetensors");
        try (var file = Safetensors.open(folder.resolve("a.safetensors"))) {
            assertThatThrownBy(() -> file.read("w")).hasMessageContaining("has no tensor w");
            assertThatThrownBy(() -> file.require("v", 1, 1))
                    .hasMessageContaining("shape [1] where [1, 1] is expected");
            assertThatThrownBy(() -> file.read("v", 1, new float[1])).hasMessageContaining("tensor v has 1 elements");
        }
    }

    @Test
    void theWriterRefusesWhatItCouldNotReadBack() {
        var twice = List.of(item("w", List.of(1L), 1), item("w", List.of(1L), 2));
        var writer = new SafetensorsWriter(Dtype.F32);

        assertThatThrownBy(() -> writer.write(folder.resolve("x"), twice)).hasMessage("two tensors are named w");
        assertThatThrownBy(() -> writer.writeModel(folder, twice, 4)).hasMessage("two tensors are named w");
        assertThatThrownBy(() -> new SafetensorsWriter(Dtype.F16)).hasMessageContaining("not as F16");
        assertThatThrownBy(() -> new SafetensorsWriter(Dtype.BOOL)).hasMessageContaining("not as BOOL");
        assertThat(folder).isEmptyDirectory();
    }

    static Item item(String name, List<Long> shape, float... values) {
        return new Item(name, shape, (from, into) -> System.arraycopy(values, (int) from, into, 0, into.length));
    }

    private Path file(String header, byte[] data) throws IOException {
        byte[] json = header.strip().getBytes(UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        return Files.write(
                folder.resolve("x.safetensors"),
                bytes.putLong(json.length).put(json).put(data).array());
    }

    private static byte[] shorts(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return bytes.array();
    }
}
