package org.rlvr4j.run.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigsTest {

    @TempDir
    private Path folder = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void writeCompleteFile() throws IOException {
        file = folder.resolve("plan.yaml");
        Files.writeString(file, Plan.COMPLETE);
    }

    @Test
    void completeFileIsBound() {
        assertThat(read())
                .isEqualTo(new Plan(
                        "plan a",
                        Path.of("runs/a"),
                        12,
                        5e-5,
                        false,
                        Plan.Weight.SEQUENCE_MEAN,
                        List.of(1L, 2L, 3L),
                        new Plan.Clip.Fixed(0.2, 0.28),
                        List.of(new Plan.Clip.Dual(10, null), new Plan.Clip.Fixed(0.1, 0.2))));
    }

    @Test
    void overridesReplaceSettings() {
        Plan plan = read("steps=7", "clip.low=1e-3", "seeds.1=9", "suites.0.note=why not", "seeds=[4]", "seeds.0=5");

        assertThat(plan.steps()).isEqualTo(7);
        assertThat(plan.clip()).isEqualTo(new Plan.Clip.Fixed(1e-3, 0.28));
        assertThat(plan.seeds()).containsExactly(5L);
    }

    /** Columns: what in the complete file is replaced, by what, and the sentence after the file's name. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        steps: 12            | steps: 12\\nsteep: 1         | steep: is no setting, known here: name, folder, steps, learningRate, resume, weight, seeds, clip, suites
        high: 0.28           | high: 0.28\\n  hi: 1         | clip.hi: is no setting, did you mean high? known here: low, high
        low: 0.1,            | low: 0.1, lo: 1,           | suites.1.lo: is no setting, did you mean low? known here: low, high
        name: plan a         | ''                         | name: is missing
        steps: 12            | ''                         | steps: is missing
        low: 0.2             | ''                         | clip.low: is missing
        , note: null         | ''                         | suites.0.note: is missing
        name: plan a         | name:                      | name: must not be null
        steps: 12            | steps: null                | steps: must not be null
        low: 0.2             | low: null                | clip.low: must not be null
        [1, 2, 3]            | [1, null]                  | seeds.1: must not be null
        maxRatio: 10         | maxRatio: null             | suites.0.maxRatio: must not be null
        steps: 12            | steps: twelve              | steps: must be a whole number, not "twelve"
        steps: 12            | steps: "12"                | steps: must be a whole number, not "12"
        steps: 12            | steps: 1.5                 | steps: must be a whole number, not 1.5
        steps: 12            | steps: 3000000000          | steps: is out of range: 3000000000
        steps: 12            | steps: {a: 1}              | steps: must be a whole number, not {"a":1}
        learningRate: 5e-5   | learningRate: fast         | learningRate: must be a number, not "fast"
        learningRate: 5e-5   | learningRate: true         | learningRate: must be a number, not true
        low: 0.2             | low: [0.2]                 | clip.low: must be a number, not [0.2]
        low: 0.1             | low: x                     | suites.1.low: must be a number, not "x"
        resume: false        | resume: no                 | resume: must be true or false, not "no"
        resume: false        | resume: 0                  | resume: must be true or false, not 0
        name: plan a         | name: 1                    | name: must be text, not 1
        name: plan a         | name: [a]                  | name: must be text, not ["a"]
        folder: runs/a       | folder: 1                  | folder: must be text, not 1
        [1, 2, 3]            | 4                          | seeds: must be a list, not 4
        [1, 2, 3]            | [1, b]                     | seeds.1: must be a whole number, not "b"
        weight: sequence-mean| weight: mean               | weight: must be one of sequence-mean, token-mean, not "mean"
        weight: sequence-mean| weight: 0                  | weight: must be one of sequence-mean, token-mean, not 0
        type: fixed          | type: free                 | clip.type: must be one of fixed, dual, not "free"
        type: fixed,         | type: Fixed,               | suites.1.type: must be one of fixed, dual, not "Fixed"
        type: dual,          | ''                         | suites.0.type: is missing, must be one of fixed, dual
        [1, 2, 3]            | []                         | ''
        steps: 12            | steps: -1                  | steps must be positive, not -1
        low: 0.2             | low: 0.3                   | clip: low 0.3 must be at most high 0.28
        high: 0.2}           | high: 0.05}                | suites.1: low 0.1 must be at most high 0.05
        steps: 12            | steps: 12\\nsteps: 13        | steps: is set twice
        low: 0.2             | low: 0.2\\n  low: 0.3        | clip.low: is set twice
        maxRatio: 10         | maxRatio: 10, maxRatio: 11 | suites.0.maxRatio: is set twice
        """)
    void problemIsOneSentenceWithFilePathAndValue(String from, String to, String sentence) throws IOException {
        assertThat(Plan.COMPLETE).contains(from);
        Files.writeString(file, Plan.COMPLETE.replaceFirst(Pattern.quote(from), to.replace("\\n", "\n")));

        if (sentence.isEmpty()) {
            assertThatNoException().isThrownBy(this::read);
        } else {
            assertThatIllegalArgumentException().isThrownBy(this::read).withMessage(file + ": " + sentence);
        }
    }

    /** Columns: the override, and the sentence after it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        clip.lo=3        | --set clip.lo=3: FILE has no setting clip.lo, did you mean low?
        clop.low=3       | --set clop.low=3: FILE has no setting clop.low
        steps.low=3      | --set steps.low=3: FILE has no setting steps.low
        seeds.3=3        | --set seeds.3=3: FILE has no setting seeds.3
        seeds.x=3        | --set seeds.x=3: FILE has no setting seeds.x
        suites.0.note.a=3| --set suites.0.note.a=3: FILE has no setting suites.0.note.a
        steps            | --set steps: must have the form key.path=value
        =3               | --set =3: must have the form key.path=value
        steps=           | --set steps=: there is nothing in it
        seeds=[1         | --set seeds=[1: is not YAML, see line 1: while parsing a flow sequence
        steps=many       | FILE with --set steps=many: steps: must be a whole number, not "many"
        steps=null       | FILE with --set steps=null: steps: must not be null
        clip={type: dual}| FILE with --set clip={type: dual}: clip.maxRatio: is missing
        clip.low=0.9     | FILE with --set clip.low=0.9: clip: low 0.9 must be at most high 0.28
        steps=0          | FILE with --set steps=0: steps must be positive, not 0
        """)
    void problemOfAnOverrideNamesTheOverride(String override, String sentence) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(override))
                .withMessage(sentence.replace("FILE", file.toString()));
    }

    @Test
    void overridesOfOtherSettingsAreNotBlamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("clip.low=0.1", "name=4"))
                .withMessage(file + " with --set name=4: name: must be text, not 4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# only a comment"})
    void emptyFileIsAnError(String yaml) throws IOException {
        Files.writeString(file, yaml);

        assertThatIllegalArgumentException().isThrownBy(this::read).withMessage(file + ": there is nothing in it");
    }

    @Test
    void brokenYamlNamesTheLine() throws IOException {
        Files.writeString(file, "name: a\n  steps: 3\n");

        assertThatIllegalArgumentException()
                .isThrownBy(this::read)
                .withMessage(file + ": is not YAML, see line 2: mapping values are not allowed here");
    }

    @Test
    void secondDocumentIsAnError() throws IOException {
        Files.writeString(file, Plan.COMPLETE + "---\nsteps: 1\n");

        assertThatIllegalArgumentException()
                .isThrownBy(this::read)
                .withMessage(file + ": holds more than one document");
    }

    @ParameterizedTest
    @CsvSource({"- 1,[1]", "a,\"a\"", "null,null"})
    void fileOfSomethingElseIsAnError(String yaml, String value) throws IOException {
        Files.writeString(file, yaml);

        assertThatIllegalArgumentException()
                .isThrownBy(this::read)
                .withMessage(file + ": must be a group of settings, not " + value);
    }

    @Test
    void valuesAreQuotedOnOneLineAndCutIfLong() throws IOException {
        Files.writeString(file, "\"" + "a\\nb".repeat(100) + "\"");

        assertThatIllegalArgumentException()
                .isThrownBy(this::read)
                .withMessage(file + ": must be a group of settings, not \"" + "a\\nb".repeat(19) + "a\\n...");
    }

    @Test
    void absentFileIsNamed() {
        Path absent = folder.resolve("absent.yaml");

        assertThatThrownBy(() -> Configs.read(absent, List.of(), Plan.class))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("no such file: " + absent);
    }

    @Test
    void folderInPlaceOfFileIsNamed() {
        assertThatThrownBy(() -> Configs.read(folder, List.of(), Plan.class))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("cannot read " + folder + ": Is a directory");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a", "12", "1e5", "true", "no", "null", "~", "", " a ", "a: b", "# a", "a\nb", "- a", "0x1F", "é", ".5",
                "-1", "on", "a ", "y", ".inf"
            })
    void writtenConfigurationReadsBackEqual(String text) throws IOException {
        Plan plan = new Plan(
                text,
                Path.of("runs", "x y"),
                1,
                1e-300,
                true,
                Plan.Weight.TOKEN_MEAN,
                List.of(Long.MIN_VALUE, 0L),
                new Plan.Clip.Fixed(0, Double.POSITIVE_INFINITY),
                List.of(new Plan.Clip.Dual(0.1f, text)));

        Files.writeString(file, Configs.write(plan));

        assertThat(read()).isEqualTo(plan);
    }

    @Test
    void writtenConfigurationLooksLikeOneWrittenByHand() {
        String expected = Plan.COMPLETE
                .replace("5e-5", "5.0E-5")
                .replace(" [1, 2, 3]", "\n- 1\n- 2\n- 3")
                .replaceFirst("(?s)suites.*", """
                    suites:
                    - type: dual
                      maxRatio: 10.0
                      note: null
                    - type: fixed
                      low: 0.1
                      high: 0.2
                    """);
        assertThat(Configs.write(read())).isEqualTo(expected);
    }

    private Plan read(String... overrides) {
        return Configs.read(file, List.of(overrides), Plan.class);
    }
}
