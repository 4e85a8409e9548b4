package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code report}, and what {@code ablate} says of a method that failed. */
@ExtendWith(TinyStart.class)
class ReportTest {

    private final TinyRun tiny;

    @TempDir
    private Path folder = Path.of("");

    ReportTest(TinyRun tiny) {
        this.tiny = tiny;
    }

    @Test
    void reportOfOneFolderIsThePageThatTheTrainingWrote() {
        Path page = folder.resolve("page.html");

        String printed = TinyRun.execute(List.of("report", tiny.finished().toString(), "--output", page.toString()));

        assertThat(printed).isEqualTo("Report: " + page + "\n");
        assertThat(page).hasSameTextualContentAs(tiny.finished().resolve("report.html"));
    }

    @Test
    void severalTrainingsStandBesideEachOther() throws IOException {
        Path one = folder.resolve("one");
        TinyRun.execute(tiny.arguments(one, "GRPO", "training.steps=1"));
        Path page = folder.resolve("page.html");

        TinyRun.execute(List.of("report", one.toString(), tiny.finished().toString(), "--output", page.toString()));

        assertThat(Files.readString(page))
                .contains("<h1>rlvr4j: one, warm-up</h1>", "</svg>one/GRPO</td>", "</svg>warm-up/DCPO</td>")
                .contains("\"series\":\"one/GRPO\"", "\"series\":\"warm-up/DCPO\"", "\"running\":false");
    }

    @Test
    void folderWithoutATrainingAndAMissingFileAreNamed() {
        assertThat(TinyRun.failure(2, List.of("report", folder.toString())))
                .isEqualTo("rlvr4j: " + folder
                        + " has no config.yaml: name the output folder of train or ablate, such as runs/tiny");
        assertThat(TinyRun.failure(2, List.of("report", folder.toString(), folder.toString())))
                .isEqualTo("rlvr4j: say where the report of several folders goes: --output FILE");
    }

    @Test
    void ablationWhoseMethodFailedEndsWithItsNameAndExitCode1() throws IOException {
        Path problems = folder.resolve("wrong.jsonl");
        Files.writeString(problems, "{\"prompt\": \"2+2+9=\", \"answer\": \"no number\"}\n");
        Path output = folder.resolve("run");
        List<String> arguments = tiny.arguments(
                output,
                "GRPO",
                "methods=[{name: DAPO, algorithm: DAPO, preset: PAPER, change: {}},"
                        + " {name: GRPO, algorithm: GRPO, preset: PAPER, change: {}}]",
                "problems={from: files, training: " + problems + ", heldBack: [" + problems + "]}",
                "training.promptsPerStep=1",
                "training.updatesPerStep=1",
                "training.steps=1");
        var bytes = new ByteArrayOutputStream();
        var err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        PrintStream before = System.err;
        System.setErr(err);
        int exitCode;
        try {
            exitCode = Main.commandLine(new Main(), true, List.of("ablate"))
                    .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                    .execute(arguments.stream()
                            .map(argument -> argument.equals("train") ? "ablate" : argument)
                            .toArray(String[]::new));
        } finally {
            System.setErr(before);
        }

        assertThat(exitCode).isEqualTo(1);
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
                .last()
                .asString()
                .startsWith("rlvr4j: DAPO, seed 1 failed: after 100 rounds of generation");
        assertThat(output.resolve("GRPO/seed-1/result.json")).isNotEmptyFile();
    }
}
