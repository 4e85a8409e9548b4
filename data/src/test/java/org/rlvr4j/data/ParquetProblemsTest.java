package org.rlvr4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ParquetProblemsTest {

    @TempDir
    private Path folder = Path.of("");

    private Path file = folder;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("aime.parquet");
    }

    @Test
    void rowBecomesAProblemWhoseIdIsTheIndexAsText() throws IOException {
        var verl = new VerlFile(VerlFile.NUMBERED);
        verl.write(file, verl.row("qwen_aime_2024", "What is $1+1$?", "2", 60));

        assertThat(Problems.load(file))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("columns")
                .containsExactly(new Problem(
                        "60",
                        "qwen_aime_2024",
                        List.of(
                                new Message("system", "Put your final answer within \\boxed{}."),
                                new Message("user", "What is $1+1$?")),
                        List.of("2")));
    }

    @Test
    void problemKeepsAllOfItsColumns() throws IOException {
        var verl = new VerlFile(VerlFile.NUMBERED);
        verl.write(file, verl.row("qwen_aime_2024", "What is $1+1$?", "2", 60));

        Problem problem = Problems.load(file).getFirst();

        assertThat(problem.columns())
                .containsEntry("ability", "MATH")
                .containsEntry("reward_model", Map.of("ground_truth", "2", "style", "rule"))
                .containsKeys("data_source", "prompt", "extra_info");
    }

    @Test
    void storedCopiesBecomeOneProblem() throws IOException {
        var verl = new VerlFile(VerlFile.NAMED);
        Group first = verl.row("qwen_amc2023", "a?", "1", "amc_0");
        Group second = verl.row("qwen_amc2023", "b?", "2", "amc_1");
        verl.write(file, second, first, second, first, second);

        assertThat(Problems.load(file))
                .extracting(Problem::key)
                .containsExactly("qwen_amc2023/amc_1", "qwen_amc2023/amc_0");
        assertThat(Problems.load(file)).extracting(Problem::copies).containsExactly(3, 2);
    }

    @Test
    void promptTellsProblemsApartWhereThereIsNoIndex() throws IOException {
        var verl = new VerlFile(VerlFile.NAMED);
        verl.write(file, verl.row("s", "a?", "1"), verl.row("s", "b?", "2"), verl.row("s", "a?", "1"));

        List<Problem> problems = Problems.load(file);

        assertThat(problems).extracting(Problem::copies).containsExactly(2, 1);
        assertThat(problems).extracting(Problem::id).doesNotHaveDuplicates();
    }

    @Test
    void anyOfAListOfGroundTruthsIsAccepted() throws IOException {
        var verl = new VerlFile("""
            message schema {
              required binary data_source (STRING);
              required group prompt (LIST) {
                repeated group list { required group element {
                  required binary role (STRING); required binary content (STRING); } }
              }
              required group reward_model { required group ground_truth (LIST) {
                repeated group list { required binary element (STRING); } } }
            }
            """);
        Group row = new SimpleGroup(verl.schema()).append("data_source", "s");
        row.addGroup("prompt")
                .addGroup("list")
                .addGroup("element")
                .append("role", "user")
                .append("content", "a?");
        Group truths = row.addGroup("reward_model").addGroup("ground_truth");
        truths.addGroup("list").append("element", "1/2");
        truths.addGroup("list").append("element", "0.5");
        verl.write(file, row);

        assertThat(Problems.load(file).getFirst().answers()).containsExactly("1/2", "0.5");
    }

    @ParameterizedTest
    @EnumSource(names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"})
    void commonCompressionsAreRead(CompressionCodecName codec) throws IOException {
        var verl = new VerlFile(VerlFile.NUMBERED);
        Group row = verl.row("s", "a?", "1", 7);
        verl.write(file, codec, Collections.nCopies(1000, row));

        assertThat(Problems.load(file)).extracting(Problem::copies).containsExactly(1000);
    }

    @Test
    void unsupportedCompressionIsNamed() throws IOException {
        var verl = new VerlFile(VerlFile.NUMBERED);
        verl.write(file, CompressionCodecName.BROTLI, List.of(verl.row("s", "a?", "1", 7)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(
                        file + " cannot be read: column data_source has the compression BROTLI, which is not supported;"
                                + " write it with ZSTD, for example");
    }

    @Test
    void copiesOfALongTextBeyondTheSizeOfTheFileAreRefusedByTheirCount() throws IOException {
        var verl = new VerlFile(VerlFile.NAMED);
        Group row = verl.row("s", "x".repeat(20_000), "1"); // without an index, so that each row's prompt is digested
        verl.write(file, CompressionCodecName.ZSTD, Collections.nCopies(20_000, row));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessageMatching(
                        ".* cannot be read: it holds more than \\d+ MB of text, which is more than fits its size");
    }

    @Test
    void pagesThatUnpackBeyondTheSizeOfTheFileAreRefused() {
        assertThatThrownBy(() -> ParquetBudget.requireUnpacked((1L << 29) + 256 * 2_500 + 1, 2_500))
                .hasMessage("its pages unpack to more than 512 MB, which is more than fits its size");
    }

    @Test
    void missingColumnIsNamed() throws IOException {
        var verl = new VerlFile("message schema { required binary data_source (STRING); }");
        verl.write(file, new SimpleGroup(verl.schema()).append("data_source", "s"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + ", row 1: column prompt is missing");
    }

    @Test
    void missingFieldOfAStructIsNamedWithItsRow() throws IOException {
        var verl = new VerlFile(VerlFile.NUMBERED);
        Group whole = verl.row("s", "a?", "1", 7);
        Group partial = new SimpleGroup(verl.schema()).append("data_source", "s");
        partial.addGroup("prompt")
                .addGroup("list")
                .addGroup("element")
                .append("role", "user")
                .append("content", "b?");
        verl.write(file, whole, partial);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + ", row 2: column reward_model.ground_truth is missing");
    }

    @Test
    void fileWithoutRowsIsRefused() throws IOException {
        new VerlFile(VerlFile.NUMBERED).write(file);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " holds no problems");
    }

    @Test
    void fileOfAnotherKindIsRefused() throws IOException {
        Files.writeString(file, "{\"question\": \"a?\", \"answer\": \"#### 1\"}");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " cannot be read: it is not a Parquet file, or is damaged or cut short");
    }

    @Test
    void fileCutShortIsRefused() throws IOException {
        var verl = new VerlFile(VerlFile.NUMBERED);
        verl.write(file, verl.row("s", "a?", "1", 7));
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " cannot be read: it is not a Parquet file, or is damaged or cut short");
    }

    @Test
    void damagedPageIsRefused() throws IOException {
        var verl = new VerlFile(VerlFile.NUMBERED);
        verl.write(file, verl.row("s", "a?", "1", 7));
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 4, 60, (byte) 0xff);
        Files.write(file, bytes);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " cannot be read: it is not a Parquet file, or is damaged or cut short");
    }

    @Test
    void pageThatClaimsMoreValuesThanItHasIsRefusedBeforeItTakesTheirMemory() throws IOException {
        var verl = new VerlFile(VerlFile.NUMBERED);
        List<Group> rows = IntStream.range(0, 1_000)
                .mapToObj(i -> verl.row(i % 2 == 0 ? "even" : "odd", i + "?", "1", i))
                .toList();
        byte[] bytes = Files.readAllBytes(verl.write(file, CompressionCodecName.UNCOMPRESSED, rows));
        int run = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\1\u007f\u00aa\u00aa\u00aa"); // of 504 values
        bytes[run + 1] = bytes[run + 2] = bytes[run + 3] = (byte) 0xff; // of 2^29
        bytes[run + 4] = 0x3f;
        Files.write(file, bytes);
        var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " cannot be read: it is not a Parquet file, or is damaged or cut short")
                .havingCause()
                .withMessage("its pages claim more values than they have bytes for");

        assertThat(thread.getCurrentThreadAllocatedBytes() - before).isLessThan(64 << 20);
    }

    @ParameterizedTest
    @EnumSource(WriterVersion.class)
    void bothVersionsOfPagesAreRead(WriterVersion version) throws IOException {
        var verl = new VerlFile(VerlFile.NUMBERED);
        List<Group> rows = IntStream.range(0, 1_000)
                .mapToObj(i -> verl.row("s", "How many are " + i + " and " + i * i + "?", "" + i, i))
                .toList();
        verl.write(file, CompressionCodecName.ZSTD, version, rows);

        assertThat(Problems.load(file))
                .hasSize(1_000)
                .element(999)
                .extracting(problem -> problem.prompt().getLast().content(), Problem::answers)
                .containsExactly("How many are 999 and 998001?", List.of("999"));
    }

    @Test
    void columnsNestedWithoutEndAreRefused() throws IOException {
        String open = "optional group a { ".repeat(200);
        var verl = new VerlFile("message m { optional binary data_source (STRING); " + open + "optional int32 b; "
                + "} ".repeat(200) + "}");
        verl.write(file, new SimpleGroup(verl.schema()).append("data_source", "s"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " cannot be read: its columns are nested more than 100 deep; write flatter ones");
    }

    @Test
    void footerNestedWithoutEndIsRefused() throws IOException {
        byte[] footer = new byte[1_000_000];
        Arrays.fill(footer, (byte) 0x1c); // in Thrift's compact protocol, the next field is a structure
        writeFooter(footer);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " cannot be read: it is not a Parquet file, or is damaged or cut short")
                .havingRootCause()
                .withMessage("Maximum skip depth exceeded");
    }

    @Test
    void footerWithALengthBelowZeroIsRefused() throws IOException {
        writeFooter(new byte[] {(byte) 0xf8, -1, -1, -1, -1, 0x0f, 0}); // a field that nobody knows, of -1 bytes

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " cannot be read: it is not a Parquet file, or is damaged or cut short");
    }

    /** A file of nothing else. */
    private void writeFooter(byte[] footer) throws IOException {
        byte[] magic = "PAR1".getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[4 + footer.length + 8];
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(magic)
                .put(footer)
                .putInt(footer.length)
                .put(magic);
        Files.write(file, bytes);
    }
}
