package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Suites with protocols of their own, GSM8K among them, and what replaces these on the command line. */
class EvalProtocolTest {

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private static Path shared = Path.of("");

    private static Path model = Path.of("");
    private static Path gsm8k = Path.of("");
    private static Path math = Path.of("");
    private static Path train = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    private String warnings = "";

    @BeforeAll
    static void writeFiles() throws IOException {
        model = shared.resolve("model");
        TinyCheckpoint.writeForAnyText(model);
        gsm8k = Files.writeString(shared.resolve("gsm8k_test.jsonl"), """
            {"question": "1+1?", "answer": "It is <<1+1=2>>2.\\n#### 2"}
            {"question": "2+2?", "answer": "It is <<2+2=4>>4.\\n#### 4"}
            """);
        math = Files.writeString(shared.resolve("math500.jsonl"), "{\"prompt\": \"5+5=\", \"answer\": \"10\"}\n");
        train = Files.writeString(shared.resolve("train.jsonl"), """
            {"question": "3+3?", "answer": "It is <<3+3=6>>6.\\n#### 6"}
            {"question": "4+4?", "answer": "It is <<4+4=8>>8.\\n#### 8"}
            """);
    }

    @Test
    void eachSuiteHasItsOwnProtocol() throws IOException {
        String printed = evaluate(gsm8k, math);

        assertThat(printed)
                .contains("Avg@1/Avg@32 in per cent")
                .containsPattern("GSM8K +number, strict-match, flexible-extract +by chat template: Question: \\.\\.\\."
                        + "\\\\nAnswer: +0 +greedily\\n")
                .containsPattern("MATH-500 +boxed +by chat template +0 +greedily; 32 at T = 1\\.0\\n")
                .containsPattern("GSM8K +Avg@1 +strict-match ");
        assertThat(lines()).hasSize(2 + 1 + 32);
        assertThat(lines().getFirst().get("parts").propertyNames())
                .containsExactly("number", "strict-match", "flexible-extract");
        assertThat(lines().getLast().has("parts")).isFalse();
        JsonNode report = report();
        assertThat(report.get("settings").get("prompts").get("GSM8K").asString())
                .contains("Question: 1+1?\nAnswer:");
        assertThat(report.get("settings")
                        .get("protocols")
                        .get("GSM8K")
                        .get("before")
                        .asString())
                .isEqualTo("Question: ");
        assertThat(report.get("parts"))
                .extracting(part -> part.get("measure").asString())
                .containsExactly("number", "strict-match", "flexible-extract");
        for (String form : List.of("report.html", "report.md")) {
            assertThat(folder.resolve("out").resolve(form)).content().contains("strict-match", "greedily");
        }
    }

    @Test
    void suiteWithoutABoxSaysSoInOneLineAndWhatToDo() throws IOException {
        evaluate(math, "--samples=2");

        String sentence =
                "no completion of MATH-500 has an answer that boxed finds, which is a \\boxed{}: ask for it, as by"
                    + " --suffix \" Put your final answer within \\boxed{}.\", or judge by another --verifier, such as"
                    + " number";
        assertThat(warnings).contains("rlvr4j: " + sentence).hasLineCount(1);
        assertThat(report().get("notes").get(0).asString()).startsWith(sentence);
        assertThat(folder.resolve("out/report.md")).content().contains(sentence);
    }

    @Test
    void suiteThatAsksForABoxIsNotToldToAsk() {
        evaluate(math, "--samples=0", "--suffix= Use \\boxed{}.");

        assertThat(warnings)
                .contains("though its prompts ask for one: the model may not follow them")
                .doesNotContain("--suffix");
    }

    @Test
    void examplesStandInThePromptAndInTheSettings() throws IOException {
        String printed = evaluate(gsm8k, "--few-shot=" + train + ":2");

        assertThat(printed).containsPattern("\\n +?2 as turns|2 as turns");
        String prompt = report().get("settings").get("prompts").get("GSM8K").asString();
        assertThat(prompt)
                .containsSubsequence(
                        "Question: 3+3?\nAnswer:", "It is <<3+3=6>>6.\n#### 6", "4+4?", "#### 8", "Question: 1+1?");
        assertThat(report().get("settings")
                        .get("protocols")
                        .get("GSM8K")
                        .get("examples")
                        .size())
                .isEqualTo(2);
    }

    @Test
    void plainTextHasNoChatTemplate() throws IOException {
        String printed = evaluate(gsm8k, "--few-shot=" + train + ":1", "--form=TEXT");

        assertThat(printed).contains("as plain text: Question: ...\\nAnswer:", "1 as text");
        assertThat(report().get("settings").get("prompts").get("GSM8K").asString())
                .isEqualTo("Question: 3+3?\nAnswer: It is <<3+3=6>>6.\n#### 6\n\nQuestion: 1+1?\nAnswer:");
    }

    @Test
    void optionsReplaceVerifierSuffixAndDrawing() throws IOException {
        String printed = evaluate(
                gsm8k,
                "--verifier=strict-match",
                "--suffix= #### N",
                "--samples=1",
                "--temperature=0.6",
                "--top-p=0.95",
                "--top-k=20");

        assertThat(printed)
                .contains("Avg@1/Avg@k (k = 1) in per cent", "greedily; 1 at T = 0.6, top-k 20, top-p 0.95")
                .containsPattern("GSM8K +strict-match +by chat template: \\.\\.\\. #### N ");
        JsonNode sampling = report().get("settings").get("sampling");
        assertThat(sampling.get("temperature").asDouble()).isEqualTo(0.6);
        assertThat(sampling.get("topP").asDouble()).isEqualTo(0.95);
        assertThat(sampling.get("topK").asInt()).isEqualTo(20);
        assertThat(report().get("measures"))
                .extracting(measure -> measure.get("measure").asString())
                .containsExactly("Avg@1", "Avg@k (k = 1)", "pass@1", "maj@1");
    }

    @Test
    void sameCommandGoesOnAndAnotherProtocolIsRefusedByName() {
        evaluate(gsm8k, "--suffix= #### N:\n", "--few-shot=" + train + ":1");

        assertThat(evaluate(gsm8k, "--suffix= #### N:\n", "--few-shot=" + train + ":1"))
                .contains("goes on after 2 problems");
        assertThat(TinyRun.failure(2, arguments(List.of(gsm8k), "--suffix= #### N:\n", "--few-shot=" + train + ":2")))
                .contains("holds an evaluation with ", "protocols.GSM8K.examples.1.question absent and not \"4+4?\"");
    }

    @Test
    void scoreGradesByTheVerifiersOfTheSuites() throws IOException {
        evaluate(gsm8k, math);

        String same = TinyRun.execute(List.of("score", folder.resolve("out").toString()));

        assertThat(same)
                .isEqualTo(Files.readString(folder.resolve("out/report.txt")) + "\nEvery verdict is as it was.\n");
    }

    private String evaluate(Path file, String... options) {
        return evaluate(List.of(file), options);
    }

    private String evaluate(Path first, Path second) {
        return evaluate(List.of(first, second));
    }

    private List<String> arguments(List<Path> files, String... options) {
        var arguments = new ArrayList<>(List.of("eval", "--model=" + model, "--output=" + folder.resolve("out")));
        arguments.addAll(List.of("--max-new-tokens=8", "--threads=1"));
        files.forEach(file -> arguments.add(file.toString()));
        arguments.addAll(List.of(options));
        return arguments;
    }

    private String evaluate(List<Path> files, String... options) {
        PrintStream before = System.err;
        var bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            return TinyRun.execute(arguments(files, options));
        } finally {
            System.setErr(before);
            warnings = bytes.toString(StandardCharsets.UTF_8);
        }
    }

    private JsonNode report() throws IOException {
        return JSON.readTree(Files.readString(folder.resolve("out/report.json")));
    }

    private List<JsonNode> lines() throws IOException {
        return Files.readAllLines(folder.resolve("out/completions.jsonl")).stream()
                .map(JSON::readTree)
                .toList();
    }
}
