package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Classes that are loaded before a command does anything, counted instead of timed. */
@ExtendWith(TinyStart.class)
class StartTest {

    private static final Pattern LOADED = Pattern.compile("^(?:\\[[^]]*])*\\s*(\\S+) source: ");

    private final TinyRun tiny;

    @TempDir
    private Path folder = Path.of("");

    StartTest(TinyRun tiny) {
        this.tiny = tiny;
    }

    @Test
    void versionIsPrintedWithoutReadingArguments() throws IOException, InterruptedException {
        assertThat(classesOf("rlvr4j 0.1.0", "--version"))
                .contains("org.rlvr4j.cli.Main")
                .noneMatch(name -> name.startsWith("picocli.") || name.startsWith("org.rlvr4j.run."))
                .noneMatch(StartTest::isOfWork);
    }

    @Test
    void helpLoadsWhatPrintsIt() throws IOException, InterruptedException {
        assertThat(classesOf("Usage: rlvr4j ", "--help"))
                .contains("org.rlvr4j.cli.EvalCommand", "picocli.CommandLine$Help")
                .doesNotContain("org.rlvr4j.cli.option.ModelOptions")
                .noneMatch(StartTest::isOfWork);
    }

    @Test
    void helpOfOneCommandLoadsNoJson() throws IOException, InterruptedException {
        assertThat(classesOf("Usage: rlvr4j eval ", "eval", "--help"))
                .contains("org.rlvr4j.cli.option.ModelOptions")
                .noneMatch(name -> name.startsWith("tools.jackson.") || name.startsWith("org.apache."));
    }

    @Test
    void fewTokensOfASmallModelCompileNoVectorKernels() throws IOException, InterruptedException {
        String model = "--model=" + tiny.start();

        assertThat(classesOf("", "generate", model, "--max-new-tokens=14", "2+2+9="))
                .contains("org.rlvr4j.tensor.scalar.ScalarBackend")
                .doesNotContain("org.rlvr4j.tensor.vector.VectorBackend");
        assertThat(classesOf(
                        "", "generate", model, "--max-new-tokens=14", "--samples=2000", "--temperature=1", "2+2+9="))
                .contains("org.rlvr4j.tensor.vector.VectorBackend");
    }

    @Test
    void commandsThatTheArchiveOfClassesIsMadeOfSucceed() throws IOException, InterruptedException {
        List<String> command = TinyRun.command(List.of(folder.resolve("run").toString()));
        command.set(command.indexOf(Main.class.getName()), Rehearsal.class.getName());
        Path printed = folder.resolve("printed");

        assertThat(TinyRun.start(command, printed).waitFor())
                .as(printed::toString)
                .isZero();
        assertThat(printed).content().contains("Usage: rlvr4j ", "DCPO, seed 1");
    }

    /** Whether a class is of this project's work, or of a library for it. */
    private static boolean isOfWork(String name) {
        return Stream.of("tensor", "model", "data", "eval", "rl")
                        .anyMatch(module -> name.startsWith("org.rlvr4j." + module + "."))
                || Stream.of("jdk.incubator.", "tools.jackson.", "com.fasterxml.", "org.apache.", "org.snakeyaml.")
                        .anyMatch(name::startsWith);
    }

    private Set<String> classesOf(String printed, String... arguments) throws IOException, InterruptedException {
        Path log = folder.resolve("classes");
        Path output = folder.resolve("printed");
        List<String> command = TinyRun.command(List.of(arguments), "-Xlog:class+load:file=" + log);
        assertThat(TinyRun.start(command, output).waitFor()).isZero();
        assertThat(output).content().contains(printed);
        try (Stream<String> lines = Files.lines(log)) {
            return lines.flatMap(line -> LOADED.matcher(line).results())
                    .map((MatchResult match) -> match.group(1))
                    .collect(Collectors.toSet());
        }
    }
}
