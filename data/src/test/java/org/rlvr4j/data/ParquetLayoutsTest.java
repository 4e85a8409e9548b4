package org.rlvr4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layouts of lists and types of ground truths, as there are in files of other writers. */
class ParquetLayoutsTest {

    private static final String TURN = "{ optional binary role (STRING); optional binary content (STRING); }";
    private static final String MODERN =
            "optional group prompt (LIST) { repeated group list { optional group element " + TURN + " } }";

    @TempDir
    private Path folder = Path.of("");

    private Path file = folder;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("problems.parquet");
    }

    /** The format's rules of backward compatibility: a group in between is told by its shape, not by its name. */
    @ParameterizedTest
    @CsvSource({"list, element", "list, item", "bag, array", "bag, array_element", "list, array", "array_tuple, element"
    })
    void listWithAGroupBetweenIsReadWhateverItsNames(String group, String element) throws IOException {
        var verl = schema(
                "optional group prompt (LIST) { repeated group %s { optional group %s %s } }"
                        .formatted(group, element, TURN),
                "optional group ground_truth (LIST) { repeated group %s { optional binary %s (STRING); } }"
                        .formatted(group, element));
        write(verl, row -> turn(row.addGroup("prompt").addGroup(group).addGroup(element)), model -> {
            Group truths = model.addGroup("ground_truth");
            truths.addGroup(group).append(element, "1");
            truths.addGroup(group).append(element, "2");
        });

        assertReadsOneProblem("1", "2");
    }

    @ParameterizedTest
    @CsvSource({"array, array", "prompt_tuple, ground_truth_tuple", "anything, anything"})
    void listOfRepeatedElementsIsRead(String turn, String truth) throws IOException {
        var verl = schema(
                "required group prompt (LIST) { repeated group " + turn + " " + TURN + " }",
                "required group ground_truth (LIST) { repeated binary " + truth + " (STRING); }");
        write(verl, row -> turn(row.addGroup("prompt").addGroup(turn)), model -> model.addGroup("ground_truth")
                .append(truth, "1")
                .append(truth, "2"));

        assertReadsOneProblem("1", "2");
    }

    @Test
    void repeatedFieldWithoutAListAroundItIsAList() throws IOException {
        var verl = schema("repeated group prompt " + TURN, "repeated binary ground_truth (STRING);");
        write(verl, row -> turn(row.addGroup("prompt")), model -> model.append("ground_truth", "1")
                .append("ground_truth", "2"));

        assertReadsOneProblem("1", "2");
    }

    /** Named as the rules say, a group of one field is the element; so these elements are structs. */
    @ParameterizedTest
    @CsvSource({"array", "ground_truth_tuple"})
    void groupOfOneFieldThatIsTheElementIsAStruct(String name) throws IOException {
        write(
                schema(
                        MODERN,
                        "optional group ground_truth (LIST) { repeated group %s { optional binary str (STRING); } }"
                                .formatted(name)),
                ParquetLayoutsTest::modernTurn,
                model -> model.addGroup("ground_truth").addGroup(name).append("str", "1"));

        assertReadsOneProblem("[{\"str\": \"1\"}]");
    }

    @Test
    void textWithoutAnnotationIsText() throws IOException {
        write(
                schema(MODERN, "optional binary ground_truth;"),
                ParquetLayoutsTest::modernTurn,
                model -> model.append("ground_truth", "1"));

        assertReadsOneProblem("1");
    }

    @Test
    void numbersAreWrittenInDigits() throws IOException {
        assertTruth("double", model -> model.append("ground_truth", 1e7), "10000000");
        assertTruth("double", model -> model.append("ground_truth", 0.00025), "0.00025");
        assertTruth("double", model -> model.append("ground_truth", 1e-5), "0.000010");
        assertTruth("double", model -> model.append("ground_truth", 3.5), "3.5");
        assertTruth("float", model -> model.append("ground_truth", 0.1f), "0.1");
        assertTruth("int64", model -> model.append("ground_truth", -7L), "-7");
        assertTruth("boolean", model -> model.append("ground_truth", true), "true");
    }

    @Test
    void logicalTypesSayWhatANumberIs() throws IOException {
        long large = Long.MIN_VALUE + 5;
        assertTruth(
                "int64 ground_truth (INTEGER(64,false))",
                model -> model.append("ground_truth", large),
                "9223372036854775813");
        assertTruth("int32 ground_truth (INTEGER(32,false))", model -> model.append("ground_truth", -1), "4294967295");
        assertTruth("int32 ground_truth (INTEGER(32,true))", model -> model.append("ground_truth", -1), "-1");
        assertTruth("int64 ground_truth (DECIMAL(12,2))", model -> model.append("ground_truth", 350L), "3.50");
        Binary unscaled = Binary.fromConstantByteArray(new BigInteger("-12345678901234567890").toByteArray());
        assertTruth(
                "binary ground_truth (DECIMAL(30,3))",
                model -> model.append("ground_truth", unscaled),
                new BigDecimal("-12345678901234567.890").toPlainString());
        assertTruth("int32 ground_truth (DATE)", model -> model.append("ground_truth", 1), "1970-01-02");
        Binary half = Binary.fromConstantByteArray(new byte[] {0, 0x38});
        assertTruth(
                "fixed_len_byte_array(2) ground_truth (FLOAT16)", model -> model.append("ground_truth", half), "0.5");
    }

    @Test
    void truthThatIsNoAnswerIsRefusedByRow() throws IOException {
        String kind = "should be text, a number, a list of them or a struct, but is %s; write the answer itself";
        assertRefused("double", model -> model.append("ground_truth", Double.NaN), kind.formatted("NaN"));
        assertRefused(
                "binary",
                model -> model.append("ground_truth", Binary.fromConstantByteArray(new byte[] {-1})),
                kind.formatted("bytes that are not UTF-8"));
        assertRefused(
                "group ground_truth { optional double target; }",
                model -> model.addGroup("ground_truth").append("target", Double.NaN),
                "should hold text and numbers, but has one that is NaN");
        assertRefused(
                "int64 ground_truth (TIME(MICROS,true))",
                model -> model.append("ground_truth", -1L),
                kind.formatted("a time of day beyond the day"));
    }

    @Test
    void mapOrListOfListsIsOneAnswerInJson() throws IOException {
        assertTruth(
                "group ground_truth (MAP) { repeated group key_value { required binary key (STRING); optional int64"
                        + " value; } }",
                model -> model.addGroup("ground_truth")
                        .addGroup("key_value")
                        .append("key", "a")
                        .append("value", 1L),
                "{\"a\": 1}");
        assertTruth(
                "group ground_truth (LIST) { repeated group list { optional group element (LIST) { repeated group list"
                        + " { optional int64 element; } } } }",
                model -> {
                    Group outer = model.addGroup("ground_truth");
                    Group inner = outer.addGroup("list").addGroup("element");
                    inner.addGroup("list").append("element", 1L);
                    inner.addGroup("list").append("element", 2L);
                    outer.addGroup("list");
                },
                "[[1, 2], null]");
    }

    @Test
    void timesAreTextByIso() throws IOException {
        assertTruth(
                "int64 ground_truth (TIMESTAMP(MICROS,true))",
                model -> model.append("ground_truth", -1L),
                "1969-12-31T23:59:59.999999Z");
        assertTruth(
                "int64 ground_truth (TIMESTAMP(MILLIS,false))",
                model -> model.append("ground_truth", 0L),
                "1970-01-01T00:00:00");
        assertTruth(
                "int32 ground_truth (TIME(MILLIS,false))", model -> model.append("ground_truth", 1), "00:00:00.001");
        Binary firstOf1970 = Binary.fromConstantByteArray(
                new byte[] {0, (byte) 0xca, (byte) 0x9a, 0x3b, 0, 0, 0, 0, (byte) 0x8c, 0x3d, 0x25, 0}); // 10^9 ns
        assertTruth("int96", model -> model.append("ground_truth", firstOf1970), "1970-01-01T00:00:01");
        Binary interval = Binary.fromConstantByteArray(new byte[] {1, 0, 0, 0, 2, 0, 0, 0, (byte) 0xac, 0x0d, 0, 0});
        assertTruth(
                "fixed_len_byte_array(12) ground_truth (INTERVAL)",
                model -> model.append("ground_truth", interval),
                "P1M2DT3.5S");
    }

    @ParameterizedTest
    @CsvSource({"''", "' '", "'\t\n'"})
    void blankTruthIsRefusedByRow(String blank) throws IOException {
        assertRefused("binary", model -> model.append("ground_truth", blank), "should not be blank");
        assertRefused(
                "group ground_truth (LIST) { repeated binary element (STRING); }",
                model -> model.addGroup("ground_truth").append("element", "1").append("element", blank),
                "should not be blank");
    }

    @Test
    void valueThatCannotBeReadIsRefusedWithItsPathWhereAllAreAskedFor() throws IOException {
        var verl = schema(MODERN, "optional binary ground_truth; optional group by { optional binary who (STRING); }");
        write(verl, ParquetLayoutsTest::modernTurn, model -> model.append("ground_truth", "1")
                .addGroup("by")
                .append("who", Binary.fromConstantByteArray(new byte[] {-1})));

        assertReadsOneProblem("1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file, Columns.ALL))
                .withMessage(
                        file + ", row 1: column reward_model.by.who is not readable: it is bytes that are not UTF-8");
    }

    private void assertTruth(String type, Consumer<Group> truth, String answer) throws IOException {
        writeTruth(type, truth);
        assertReadsOneProblem(answer);
    }

    private void assertRefused(String type, Consumer<Group> truth, String reason) throws IOException {
        writeTruth(type, truth);
        assertRefused(reason);
    }

    private void writeTruth(String type, Consumer<Group> truth) throws IOException {
        String field = type.contains("ground_truth") ? type : type + " ground_truth";
        String end = type.endsWith("}") ? "" : ";";
        write(schema(MODERN, "optional " + field + end), ParquetLayoutsTest::modernTurn, truth);
    }

    private void assertReadsOneProblem(String... answers) {
        assertThat(Problems.load(file))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("columns")
                .containsExactly(new Problem("7", "s", List.of(new Message("user", "a?")), List.of(answers)));
    }

    private void assertRefused(String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + ", row 1: column reward_model.ground_truth " + reason);
    }

    private static VerlFile schema(String prompt, String truth) {
        return new VerlFile("message spark_schema { optional binary data_source (STRING); " + prompt
                + " optional group reward_model { " + truth
                + " } optional group extra_info { optional int64 index; } }");
    }

    private void write(VerlFile verl, Consumer<Group> prompt, Consumer<Group> truth) throws IOException {
        Group row = new SimpleGroup(verl.schema()).append("data_source", "s");
        prompt.accept(row);
        truth.accept(row.addGroup("reward_model"));
        row.addGroup("extra_info").append("index", 7L);
        Files.deleteIfExists(file);
        verl.write(file, row);
    }

    private static void modernTurn(Group row) {
        turn(row.addGroup("prompt").addGroup("list").addGroup("element"));
    }

    private static void turn(Group message) {
        message.append("role", "user").append("content", "a?");
    }
}
