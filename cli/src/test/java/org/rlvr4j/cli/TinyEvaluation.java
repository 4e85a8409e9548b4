package org.rlvr4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rlvr4j.run.files.Sha256;

/**
 * Evaluations of random weights on a few sums.
 *
 * @param home with model, problems and the finished evaluation
 */
record TinyEvaluation(Path home) {

    private static final List<String> SMALL = List.of("--max-new-tokens=8", "--samples=5", "--threads=1");

    /** Evaluates once. */
    static TinyEvaluation in(Path home) throws IOException {
        var evaluation = new TinyEvaluation(home);
        TinyCheckpoint.write(evaluation.model(), 0);
        writeProblems(home.resolve("sums.jsonl"), "sums", 6);
        writeProblems(home.resolve("more.jsonl"), "more", 3);
        evaluation.evaluate(evaluation.finished());
        return evaluation;
    }

    Path model() {
        return home.resolve("model");
    }

    /** An evaluation that no test changes. */
    Path finished() {
        return home.resolve("finished");
    }

    /** Of the command eval; options replace those of the finished evaluation, and files its problems. */
    List<String> arguments(Path output, String... more) {
        var arguments = new ArrayList<>(List.of("eval"));
        boolean files = more.length > 0 && !more[0].startsWith("--");
        if (!files) {
            arguments.add(home.resolve("sums.jsonl").toString());
            arguments.add(home.resolve("more.jsonl").toString());
        }
        arguments.add("--output=" + output);
        var options = new ArrayList<>(List.of(more));
        SMALL.stream()
                .filter(option -> options.stream()
                        .noneMatch(other -> other.startsWith(option.substring(0, option.indexOf('=') + 1))))
                .forEach(arguments::add);
        if (options.stream().noneMatch(option -> option.startsWith("--model"))) {
            arguments.add("--model=" + model());
        }
        arguments.addAll(options);
        return arguments;
    }

    String evaluate(Path output, String... more) {
        return TinyRun.execute(arguments(output, more));
    }

    private static void writeProblems(Path file, String source, int count) throws IOException {
        var lines = new ArrayList<String>();
        for (int i = 1; i <= count; i++) {
            lines.add(
                    "{\"prompt\": \"%d+%d=\", \"answer\": \"%d\", \"source\": \"%s\"}".formatted(i, i, 2 * i, source));
        }
        Files.write(file, lines);
    }

    /** Of all files but the lock. */
    static Map<String, String> hashes(Path evaluation) {
        return new TreeMap<>(Sha256.of(evaluation, "[^.].*"));
    }

    static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (String name : List.of("settings.yaml", "completions.jsonl")) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
        return to;
    }

    interface Edit {
        String of(String dump);
    }

    static void rewrite(Path evaluation, Edit edit) throws IOException {
        Path dump = evaluation.resolve("completions.jsonl");
        Files.writeString(dump, edit.of(Files.readString(dump)));
    }
}
