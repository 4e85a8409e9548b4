package org.rlvr4j.run.evaluation;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Graded;
import org.rlvr4j.eval.Outcome;
import org.rlvr4j.eval.Score;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.grader.Grader;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every completion of an evaluation as JSON Lines: suite by suite, greedy before sampled, problem by problem, sample by
 * sample. A problem's lines are written together, so that a process that is killed leaves whole problems, and perhaps the
 * beginning of one, which is dropped and answered again.
 */
public final class Dump implements AutoCloseable {

    public static final String FILE = "completions.jsonl";

    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final FileChannel channel;

    /**
     * A line, but for its tokens and their log-probabilities.
     *
     * @param accepted the right answers
     * @param length   in tokens
     * @param answer   what the response gave as its final answer, if anything
     * @param stage    what decided whether it is right
     */
    record Line(
            String suite,
            double temperature,
            String problem,
            List<String> accepted,
            int sample,
            int length,
            boolean truncated,
            @Nullable String answer,
            boolean correct,
            Verdict.Stage stage,
            String response) {

        /** The verdict as it was written. */
        Verdict verdict() {
            return Verdict.of(stage, Optional.ofNullable(answer));
        }

        private boolean follows(Line other) {
            return suite.equals(other.suite) && temperature == other.temperature && problem.equals(other.problem);
        }
    }

    /** A suite at a temperature. */
    record Pass(String suite, double temperature) {}

    /**
     * What a dump holds.
     *
     * @param scores of whole problems, in their order
     * @param bytes  where the last of them ends
     */
    record Contents(Map<Pass, List<Score>> scores, long bytes) {

        static final Contents EMPTY = new Contents(Map.of(), 0);

        List<Score> of(String suite, double temperature) {
            return scores.getOrDefault(new Pass(suite, temperature), List.of());
        }

        int problems() {
            return scores.values().stream().mapToInt(List::size).sum();
        }
    }

    /**
     * Opens a dump, whose folder is locked, to write more.
     *
     * @param bytes what is kept of it
     */
    Dump(Path file, long bytes) {
        this.file = file;
        try {
            this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(bytes).position(bytes);
        } catch (IOException e) {
            throw cannot("write", file, e);
        }
    }

    /** Writes the completions of one problem, at once. */
    void write(String suite, double temperature, Problem problem, List<Graded> completions) {
        var lines = new StringBuilder();
        for (Graded graded : completions) {
            var line = new LinkedHashMap<String, @Nullable Object>();
            line.put("suite", suite);
            line.put("temperature", temperature);
            line.put("problem", problem.key());
            line.put("accepted", problem.answers());
            line.put("sample", graded.completion().sample());
            line.put("length", graded.completion().length());
            line.put("truncated", graded.completion().isTruncated());
            line.put("answer", graded.verdict().answer().orElse(null));
            line.put("correct", graded.verdict().correct());
            line.put("stage", graded.verdict().stage());
            line.put("response", graded.response());
            line.put("tokens", graded.completion().tokens());
            line.put("logProbs", graded.completion().logProbs());
            lines.append(JSON.writeValueAsString(line)).append('\n');
        }
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(lines.toString());
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw cannot("write", file, e);
        }
    }

    /**
     * Reads a dump, of which there is never more than a problem's lines in memory.
     *
     * @param verdict what is made of a line
     * @throws IllegalArgumentException if a line that is whole is not what should be there
     */
    static Contents read(Path file, EvalSettings settings, Function<Line, Verdict> verdict) {
        var grader = new Grader();
        var scores = new LinkedHashMap<Pass, List<Score>>();
        var problem = new ArrayList<Line>();
        long bytes = 0;
        long whole = 0;
        try (InputStream in = Files.exists(file)
                ? new BufferedInputStream(Files.newInputStream(file))
                : InputStream.nullInputStream()) {
            for (byte[] text = line(in); text.length > 0; text = line(in)) {
                bytes += text.length;
                Line line = JSON.readValue(text, Line.class);
                if (line.sample != problem.size() || !(problem.isEmpty() || line.follows(problem.getLast()))) {
                    throw new IllegalArgumentException(file + " has sample " + line.sample + " of " + line.problem
                            + " where sample " + problem.size() + " of a problem should be");
                }
                problem.add(line);
                if (problem.size() == settings.at(line.temperature).samples()) {
                    List<Outcome> outcomes = problem.stream()
                            .map(each -> new Outcome(verdict.apply(each), each.length, each.truncated))
                            .toList();
                    scores.computeIfAbsent(new Pass(line.suite, line.temperature), _ -> new ArrayList<>())
                            .add(Score.of(line.problem, outcomes, grader));
                    problem.clear();
                    whole = bytes;
                }
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + " is no dump: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw cannot("read", file, e);
        }
        return new Contents(scores, whole);
    }

    /** The next line with its end; nothing where there is none, or it is torn. */
    private static byte[] line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            line.write(next);
            if (next == '\n') {
                return line.toByteArray();
            }
        }
        return new byte[0];
    }

    private static UncheckedIOException cannot(String what, Path file, IOException e) {
        return new UncheckedIOException("cannot " + what + " " + file + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw cannot("write", file, e);
        }
    }
}
