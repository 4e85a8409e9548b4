package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.run.CheckpointFolder;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** A user's mistake is one sentence that names what is wrong, exit code 2, and no stack trace. */
class ErrorsTest {

    @TempDir
    private Path folder = Path.of("");

    private Path checkpoint = folder;

    @BeforeEach
    void writeCheckpoint() {
        checkpoint = TinyCheckpoint.write(folder.resolve("checkpoint"), 0);
    }

    @Test
    void missingWeights() throws IOException {
        Files.delete(weights());

        assertThat(generate("1+2=")).isEqualTo("no such file: " + weights());
    }

    @Test
    void missingCheckpoint() {
        checkpoint = folder.resolve("nowhere");

        assertThat(generate("1+2=")).startsWith("no such file: " + checkpoint);
    }

    @ParameterizedTest
    @CsvSource({
        "generate 1+2= --model=Qwen/Qwen3-0.6B",
        "chat --model=Qwen/Qwen3-0.6B",
        "eval sums.jsonl --model=Qwen/Qwen3-0.6B",
        "inspect --model=Qwen/Qwen3-0.6B",
        "convert --model=Qwen/Qwen3-0.6B to",
        "train configs/dcpo-qwen2.5-math-1.5b.yaml --set=model.path=Qwen/Qwen3-0.6B"
    })
    void repositoryInPlaceOfAFolder(String command) {
        assertThat(failed(command.split(" ")))
                .isEqualTo("there is no folder Qwen/Qwen3-0.6B; rlvr4j download model Qwen/Qwen3-0.6B fetches the model"
                        + " of that name and prints its folder");
    }

    @Test
    void checkpointInPlaceOfAConfiguration() {
        assertThat(failed("inspect", checkpoint.toString()))
                .isEqualTo(checkpoint + " is a folder, and a checkpoint is given as --model: rlvr4j inspect --model "
                        + checkpoint);
        assertThat(failed("inspect")).isEqualTo("inspect takes either a CONFIG or --model FOLDER");
    }

    @Test
    void truncatedWeights() throws IOException {
        Files.write(weights(), Arrays.copyOf(Files.readAllBytes(weights()), 20_000));

        assertThat(generate("1+2=")).startsWith(weights() + " is truncated: tensor ");
    }

    @Test
    void weightsThatAreNoSafetensors() throws IOException {
        Files.writeString(weights(), "<html>not found</html>");

        assertThat(generate("1+2=")).startsWith(weights() + " is not a safetensors file");
    }

    @Test
    void integersAsWeights() throws IOException {
        rewriteLastTensor("\"F32\"", "\"I64\"");

        assertThat(generate("1+2=")).contains("model.norm.weight", checkpoint.toString(), "holds integers");
    }

    @Test
    void unsupportedElements() throws IOException {
        rewriteLastTensor("\"F32\"", "\"F64\"");

        assertThat(generate("1+2=")).contains("model.norm.weight has the unsupported dtype \"F64\"");
    }

    @Test
    void wrongShape() throws IOException {
        edit("config.json", "\"intermediate_size\" : 48", "\"intermediate_size\" : 64");

        assertThat(generate("1+2=")).contains("mlp.gate_proj.weight", "has shape [48, 32] where [64, 32] is expected");
    }

    @Test
    void missingTensor() throws IOException {
        edit("config.json", "\"num_hidden_layers\" : 2", "\"num_hidden_layers\" : 3");

        assertThat(generate("1+2=")).contains("has no tensor model.layers.2.");
    }

    @Test
    void unknownArchitecture() throws IOException {
        edit("config.json", "\"qwen2\"", "\"gemma2\"");

        assertThat(generate("1+2="))
                .isEqualTo(checkpoint.resolve("config.json")
                        + ": unsupported model_type \"gemma2\" (supported are qwen2," + " qwen3, llama, mistral)");
    }

    @Test
    void missingTokenizer() throws IOException {
        Files.delete(checkpoint.resolve("tokenizer.json"));

        assertThat(generate("1+2=")).isEqualTo("no such file: " + checkpoint.resolve("tokenizer.json"));
    }

    @Test
    void tokenizerThatIsLargerThanTheVocabulary() {
        checkpoint = TinyCheckpoint.write(folder.resolve("small"), -1);

        assertThat(generate("1+2=")).contains("has 58 tokens, but the model in " + checkpoint + " only knows 57");
    }

    @Test
    void promptThatIsLongerThanTheModelAllows() {
        assertThat(generate("1+".repeat(31) + "1="))
                .isEqualTo("a prompt of 65 tokens and 4 new ones exceed the model's 64 positions: lower"
                        + " --max-new-tokens");
    }

    @Test
    void positionsAreCheckedBeforeWeightsAreRead() throws IOException {
        Files.delete(weights());
        Path output = folder.resolve("evaluated");
        Path file = Files.writeString(folder.resolve("sums.jsonl"), "{\"prompt\": \"1+2=\", \"answer\": 3}");

        assertThat(failed("generate", "1+2=", "--model=" + checkpoint, "--max-new-tokens=64"))
                .contains("and 64 new ones exceed the model's 64 positions");
        assertThat(failed("eval", file.toString(), "--model=" + checkpoint, "--output=" + output))
                .contains("which with 3072 new ones is more than the model's 64");
        assertThat(output).doesNotExist();
    }

    @Test
    void samplesThatWouldAllBeTheSame() {
        assertThat(failed("generate", "1+2=", "--model=" + checkpoint, "--samples=3"))
                .isEqualTo("--samples 3 at --temperature 0 would be 3 times the same completion: give a --temperature"
                        + " above 0, or leave out --samples");
    }

    @Test
    void problemWhosePromptIsLongerThanTheModelAllows() throws IOException {
        Path file = Files.writeString(
                folder.resolve("long.jsonl"), "{\"prompt\": \"" + "1+".repeat(31) + "1=\", \"answer\": 32}");

        assertThat(evaluate(file)).startsWith("problem long/1 has a prompt of 65 tokens");
    }

    @Test
    void emptyDataSet() throws IOException {
        Path file = Files.writeString(folder.resolve("empty.jsonl"), "\n");

        assertThat(evaluate(file)).isEqualTo(file + " holds no problems");
        assertThat(ablate("problems={from: files, training: " + file + ", heldBack: [" + file + "]}", "warmUp=null"))
                .isEqualTo(file + " holds no problems");
    }

    @Test
    void missingDataSet() {
        assertThat(evaluate(folder.resolve("no.parquet")))
                .isEqualTo("there is no file " + folder.resolve("no.parquet"));
    }

    @Test
    void dataSetWithoutAnAnswer() throws IOException {
        Path file = Files.writeString(folder.resolve("some.jsonl"), "{\"prompt\": \"1+2=\"}\n");

        assertThat(evaluate(file)).isEqualTo(file + ", line 1: field answer is missing");
    }

    @Test
    void parquetWithoutTheNeededColumns() throws IOException {
        Path file = OtherParquet.write(folder.resolve("other.parquet"));

        assertThat(evaluate(file)).isEqualTo(file + ", row 1: column prompt is missing");
    }

    @Test
    void parquetThatIsNone() throws IOException {
        Path file = Files.writeString(folder.resolve("none.parquet"), "a,b\n1,2\n");

        assertThat(evaluate(file)).startsWith(file + " cannot be read: ");
    }

    @Test
    void settingThatIsUnknownOrMissing() throws IOException {
        String yaml = Files.readString(Path.of("configs/tiny.yaml"));
        Path unknown = Files.writeString(folder.resolve("unknown.yaml"), yaml + "\ncolour: blue\n");
        Path missing = Files.writeString(folder.resolve("missing.yaml"), yaml.replace("  steps: 1200\n", ""));

        assertThat(failed("ablate", unknown.toString())).startsWith(unknown + ": colour: is no setting");
        assertThat(failed("ablate", missing.toString())).isEqualTo(missing + ": warmUp.steps: is missing");
        assertThat(failed("train", missing.toString())).isEqualTo(missing + ": warmUp.steps: is missing");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        training.stepz=3               | --set training.stepz=3: configs/tiny.yaml has no setting training.stepz
        training.steps=0               | steps must be positive, not 0
        training.steps=many            | must be a whole number, not "many"
        training.groupSize=1           | training.groupSize must be 2 or more for the advantage SMOOTH of DCPO, not 1
        training.updatesPerStep=5      | training: updatesPerStep must divide promptsPerStep, and 5 does not divide 32
        training.learningRate=-1       | training: learningRate must be above 0, not -1.0
        training.learningRate=.nan     | is not YAML, see line 1: Malformed numeric value '.nan: illegal syntax
        training.warmupSteps=-1        | training: warmupSteps must be 0 or more, not -1
        training.weightDecay=-0.5      | training: weightDecay must be 0 or more, not -0.5
        training.beta2=1.5             | training: beta2 must be at least 0 and below 1, not 1.5
        training.maxSequences=0        | maxSequences must be positive, not 0
        training.maxGradNorm=0         | training: maxGradNorm must be above 0, not 0.0
        training.maxPromptTokens=3     | no training problem has a prompt of at most 3 tokens: the shortest has 8, so set training.maxPromptTokens to 8 or more
        training.saveEverySteps=-1     | saveEverySteps must be 0 or more, not -1
        training.keepCheckpoints=-1    | keepCheckpoints must be 0 or more, not -1
        training.resultType=FLOAT16    | "FLOAT16"
        evaluation.sampledSuites=[]    | sampledSuites must name a suite, or be null
        evaluation.sampledSuites=[AIME]| the suites to be sampled, [AIME], are not all among those there are: [sums]
        evaluation.maxNewTokens=0      | maxNewTokens must be positive, not 0
        evaluation.maxSequences=0      | maxSequences must be positive, not 0
        warmUp.learningRate=0          | warmUp: learningRate must be above 0, not 0.0
        warmUp.weightDecay=-1          | warmUp: weightDecay must be 0 or more, not -1.0
        problems.demonstrations=0      | warmUp needs problems.demonstrations above 0
        problems.heldBack=0            | problems: heldBack must be positive, not 0
        warmUp.steps=0                 | steps must be positive, not 0
        warmUp.batchSize=0             | batchSize must be positive, not 0
        model.heads=0                  | hiddenSize 32 cannot be divided among 0 heads
        model.heads=5                  | hiddenSize 32 cannot be divided among 5 heads
        model.keyValueHeads=3          | num_key_value_heads 3
        model.maxPositions=12          | model's 12
        training.maxNewTokens=500      | model's 128 positions: lower training.maxNewTokens to 118 or less, or lower training.maxPromptTokens
        evaluation.maxNewTokens=500    | model's 128 positions: lower evaluation.maxNewTokens to 118 or less, or leave out long problems
        model.tokenizer=nowhere        | no such file: nowhere
        problems.least=60              | there are no terms from 60 to
        problems.training=1000000      | there are not 1000000 more sums after 6, but only 21946
        seeds=[]                       | at least one seed is needed
        threads=-1                     | threads must be 0 (all cores) or more, not -1
        """)
    void settingThatCannotBe(String setting, String part) {
        assertThat(ablate(setting)).contains(part);
    }

    @ParameterizedTest
    @CsvSource({
        "--max-new-tokens, 0",
        "--max-sequences, 0",
        "--threads, -2",
        "--samples, 0",
        "--temperature, -1",
        "--seed, x"
    })
    void optionThatCannotBe(String option, String value) {
        var options = new TreeMap<>(Map.of("--max-new-tokens", "4"));
        options.put(option, value);
        var arguments = new ArrayList<String>(List.of("generate", "1+2=", "--model=" + checkpoint));
        options.forEach((name, given) -> arguments.add(name + "=" + given));

        assertThat(failed(arguments.toArray(String[]::new))).contains(value);
    }

    @ParameterizedTest
    @CsvSource({"training", "evaluation"})
    void tokensBeyondTheModelsPositionsAreFoundBeforeAnythingIsWritten(String section) {
        ablate("%s.maxNewTokens=500".formatted(section));

        assertThat(folder.resolve("run/config.yaml")).doesNotExist();
        assertThat(failed("inspect", "configs/tiny.yaml", "--set=%s.maxNewTokens=500".formatted(section)))
                .contains(" positions: lower " + section + ".maxNewTokens");
    }

    @ParameterizedTest
    @CsvSource({"F16", "I64", "F64", "f32"})
    void precisionThatIsNotWritten(String dtype) {
        Path to = folder.resolve("converted");

        assertThat(failed("convert", "--model=" + checkpoint, to.toString(), "--dtype=" + dtype))
                .contains("--dtype", "[F32, BF16]", dtype);
        assertThat(to).doesNotExist();
        assertThatThrownBy(() -> CheckpointFolder.convert(
                        folder.resolve("nowhere"), null, to, Safetensors.Dtype.F16, 1, new ScalarBackend()))
                .hasMessage("tensors are written as F32 or BF16, not as F16");
    }

    /** 20 terms fit as prompt and answer, but not as the demonstration that adds them up. */
    @Test
    void demonstrationsBeyondTheModelsPositionsAreFoundBeforeAnythingIsWritten() {
        String[] settings = {"problems.terms=20", "training.maxPromptTokens=100", "model.maxPositions=110"};

        assertThat(ablate(settings))
                .matches("the longest demonstration of the warmUp has \\d+ tokens, which is more than the model's 110"
                        + " positions: lower problems.terms or problems.greatest, or raise model.maxPositions");
        assertThat(folder.resolve("run/config.yaml")).doesNotExist();
    }

    @Test
    void configurationWithoutAField() throws IOException {
        edit("config.json", "\"vocab_size\"", "\"vocab\"");

        assertThat(generate("1+2="))
                .isEqualTo(checkpoint.resolve("config.json")
                        + ": vocab_size is missing: set it to a whole number, as the model was trained with");
    }

    @Test
    void filesThatNameNothingToEvaluateOn() {
        assertThat(ablate("warmUp=null", "problems={from: files, training: problems.jsonl, heldBack: []}"))
                .endsWith("problems: heldBack must name at least one file to evaluate on");
    }

    @Test
    void outputThatIsAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("taken"), "");

        assertThat(ablate("output=" + file)).startsWith("cannot write to " + file);
    }

    private Path weights() {
        return checkpoint.resolve("model.safetensors");
    }

    private void edit(String name, String from, String to) throws IOException {
        Path file = checkpoint.resolve(name);
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replaceFirst(from, to));
    }

    /** Another element type, of eight bytes, for the tensor that is last in the file. */
    private void rewriteLastTensor(String from, String to) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(weights())).order(ByteOrder.LITTLE_ENDIAN);
        int length = Math.toIntExact(bytes.getLong());
        String header = new String(bytes.array(), Long.BYTES, length, StandardCharsets.UTF_8);
        int data = bytes.capacity() - Long.BYTES - length;
        int last = header.indexOf("\"model.norm.weight\"");
        String entry = header.substring(last);
        assertThat(entry).contains(from, "," + data + "]");
        byte[] changed = (header.substring(0, last)
                        + entry.replaceFirst(from, to).replace("," + data + "]", "," + (data + 32 * 4) + "]"))
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(Long.BYTES + changed.length + data + 32 * 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(changed.length)
                .put(changed)
                .put(bytes.array(), Long.BYTES + length, data);
        Files.write(weights(), file.array());
    }

    private String generate(String prompt) {
        return failed("generate", prompt, "--model=" + checkpoint, "--max-new-tokens=4", "--threads=1");
    }

    private String evaluate(Path file) {
        return failed("eval", file.toString(), "--model=" + checkpoint, "--max-new-tokens=4", "--threads=1");
    }

    /** Of the tiny configuration, cut down to what a mistake would take seconds to show. */
    private String ablate(String... settings) {
        var arguments = new ArrayList<String>(List.of("ablate", "configs/tiny.yaml"));
        TinyCheckpoint.RUN.forEach(setting -> arguments.add("--set=" + setting));
        arguments.add("--set=output=" + folder.resolve("run"));
        for (String setting : settings) {
            arguments.add("--set=" + setting);
        }
        return failed(arguments.toArray(String[]::new));
    }

    /** The sentence that a command ends in. */
    private static String failed(String... arguments) {
        var err = new StringWriter();

        int exitCode = Main.commandLine(new Main(), false, List.of(arguments))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);

        assertThat(err.toString()).startsWith("rlvr4j: ").doesNotContain("\tat ", "Exception");
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(exitCode).isEqualTo(2);
        return err.toString().substring("rlvr4j: ".length()).strip();
    }
}
