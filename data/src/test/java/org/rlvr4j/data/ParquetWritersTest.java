package org.rlvr4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files by pyarrow 26, polars 2.1 and DuckDB 2.0; {@code make.py} beside them has made them. */
class ParquetWritersTest {

    @Test
    void rowGroupsWithoutRowsAreSkipped() throws Exception {
        assertThat(Problems.load(resource("pyarrow-empty-row-groups")))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("columns")
                .containsExactly(problem(0), problem(1));
    }

    @Test
    void columnsThatNoOneNeedsAreNotRead() throws Exception {
        List<Problem> problems = Problems.load(resource("pyarrow-other-columns")); // one of them is by Brotli

        assertThat(problems)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("columns")
                .containsExactly(problem(0), problem(1));
        assertThat(problems.getFirst().columns())
                .containsOnlyKeys("data_source", "prompt", "reward_model", "extra_info");
    }

    @Test
    void fieldsOfBytesAreLeftOut() throws Exception {
        List<Problem> problems = Problems.load(resource("pyarrow-other-fields"));

        assertThat(problems)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("columns")
                .containsExactly(problem(0), problem(1));
        assertThat(problems.getLast().columns())
                .containsEntry(
                        "extra_info",
                        Map.of(
                                "index", 1L,
                                "when", "2026-01-02T00:00:00",
                                "image", Map.of("path", "p"),
                                "tags", Map.of("a", 1L),
                                "nested", List.of(List.of(1L), List.of())));
    }

    @Test
    void pageOfSeventeenMegabytesIsRead() throws Exception {
        List<Problem> problems = Problems.load(resource("duckdb-large-page"));

        assertThat(problems).hasSize(1_700);
        assertThat(problems.getLast().prompt().getFirst().content()).isEqualTo("1699?" + "x".repeat(10_000));
        assertThat(problems.getLast().answers()).containsExactly("1699");
    }

    @Test
    void copiesInFewBytesAreRead() throws Exception {
        assertThat(Problems.load(resource("duckdb-copies")))
                .extracting(Problem::id, Problem::copies)
                .containsExactly(tuple("2", 130_000));
    }

    @Test
    void unsignedNumbersStayPositive() throws Exception {
        assertThat(Problems.load(resource("polars-unsigned")).getFirst().answers())
                .containsExactly("18446744073709551615");
    }

    @Test
    void structAsGroundTruthIsOneAnswerInTheJsonOfPython() throws Exception {
        assertThat(Problems.load(resource("pyarrow-for-verifiers")))
                .extracting(Problem::answers)
                .containsExactly(
                        List.of("{\"target\": 24, \"numbers\": [1, 2], \"share\": 1e-07, \"hint\": \"\u00e9\\n\"}"),
                        List.of("{\"target\": 5, \"numbers\": [], \"share\": 1e+16, \"hint\": null}"));
    }

    @Test
    void problemSaysWhetherItsAnswerIsStructured() throws Exception {
        assertThat(Problems.load(resource("pyarrow-for-verifiers"))).allMatch(Problem::hasStructuredAnswer);
        assertThat(Problems.load(resource("pyarrow-other-columns"))).noneMatch(Problem::hasStructuredAnswer);
    }

    @Test
    void allColumnsArePlainValuesWithoutBytes() throws Exception {
        List<Problem> problems = Problems.load(resource("pyarrow-for-verifiers"), Columns.ALL);

        Map<String, ?> columns = problems.getFirst().columns();
        assertThat(columns.keySet())
                .containsExactly(
                        "data_source",
                        "prompt",
                        "reward_model",
                        "extra_info",
                        "level",
                        "share",
                        "ok",
                        "price",
                        "tests",
                        "tags",
                        "local",
                        "utc",
                        "nanos",
                        "day",
                        "time",
                        "image");
        assertThat(columns.get("level")).isEqualTo(3);
        assertThat(columns.get("share")).isEqualTo(0.5f);
        assertThat(columns.get("ok")).isEqualTo(true);
        assertThat(columns.get("price")).isEqualTo(new BigDecimal("3.50"));
        assertThat(columns.get("tests")).isEqualTo(List.of(Map.of("in", "a", "out", List.of(1L))));
        assertThat(columns.get("tags")).isEqualTo(Map.of("a", 1L));
        assertThat(columns.get("local")).isEqualTo("2026-01-02T03:04:05.5");
        assertThat(columns.get("utc")).isEqualTo("2026-01-02T03:04:05.500Z");
        assertThat(columns.get("nanos")).isEqualTo("2026-01-02T03:04:05.5");
        assertThat(columns.get("day")).isEqualTo("2026-01-02");
        assertThat(columns.get("time")).isEqualTo("03:04:05.5");
        assertThat(columns.get("image")).isEqualTo(Map.of("path", "p"));
        assertThat(problems.getLast().columns()).containsEntry("level", null).containsEntry("tests", null);
    }

    @Test
    void columnThatCannotBeReadIsNamedWhereAllAreAskedFor() throws Exception {
        Path encrypted = resource("pyarrow-encrypted-note");

        assertThat(Problems.load(encrypted)).hasSize(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(encrypted, Columns.ALL))
                .withMessage(encrypted + " cannot be read: column note is encrypted; write it without encryption");
    }

    @Test
    void encryptedColumnThatIsNeededIsNamed() throws Exception {
        Path file = resource("pyarrow-encrypted-data_source");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " cannot be read: column data_source is encrypted; write it without encryption");
    }

    @Test
    void encryptedFileIsSaidToBeEncrypted(@TempDir Path folder) throws IOException {
        Path file = Files.write(
                folder.resolve("a.parquet"), "PARE\0\0\0\0\0\0\0\0PARE".getBytes(StandardCharsets.ISO_8859_1));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " cannot be read: it is encrypted; write it without encryption");
    }

    private static Problem problem(int i) {
        return new Problem("" + i, "s", List.of(new Message("user", i + "?")), List.of("" + i));
    }

    private static Path resource(String name) throws URISyntaxException {
        URL url = Objects.requireNonNull(ParquetWritersTest.class.getResource(name + ".parquet"), name);
        return Path.of(url.toURI());
    }
}
