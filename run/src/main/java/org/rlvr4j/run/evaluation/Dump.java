package org.rlvr4j.run.evaluation;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
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
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.run.files.FileFailure;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Dump of an evaluation: every completion as a line of JSON, suite by suite, greedy before sampled, problem by
 * problem, sample by sample. A problem's lines are written together, so a killed process leaves complete problems and
 * perhaps the beginning of one more, which is dropped and answered again.
 */
public final class Dump implements AutoCloseable {

    /** Name of the file in the folder of an evaluation. */
    public static final String FILE = "completions.jsonl";

    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final FileChannel channel;

    /**
     * Line of a dump, without the tokens and their log-probabilities.
     *
     * @param suite       name of the suite
     * @param temperature temperature of sampling; 0 for greedy
     * @param problem     key of the problem
     * @param accepted    right answers of the problem
     * @param sample      number of the completion among those of the problem, from 0
     * @param length      length of the completion in tokens
     * @param truncated   whether the completion was cut off
     * @param answer      final answer of the response; null if there is none
     * @param correct     whether the answer is right
     * @param stage       stage of grading that decided it
     * @param response    text of the completion
     * @param parts       numbers of the reward by name; null if the mathematics grader judged the answer
     * @param candidate   number of the candidate that the answer votes for; null if the mathematics grader finds it
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
            String response,
            @Nullable Map<String, Double> parts,
            @Nullable Integer candidate) {

        /** The verdict that the line holds. */
        Verdict verdict() {
            Verdict verdict = Verdict.of(stage, Optional.ofNullable(answer));
            return parts == null ? verdict : verdict.with(parts);
        }

        private boolean isOfSameProblem(Line other) {
            return suite.equals(other.suite) && temperature == other.temperature && problem.equals(other.problem);
        }
    }

    /**
     * Pass over a suite at one temperature.
     *
     * @param suite       name of the suite
     * @param temperature temperature of sampling; 0 for greedy
     */
    record Pass(String suite, double temperature) {}

    /**
     * Contents of a dump.
     *
     * @param scores scores of complete problems, in the order of the file
     * @param bytes  length of the file up to the end of the last complete problem, in bytes
     */
    record Contents(Map<Pass, List<Score>> scores, long bytes) {

        static final Contents EMPTY = new Contents(Map.of(), 0);

        /** Scores of a suite at a temperature; empty if there are none. */
        List<Score> of(String suite, double temperature) {
            return scores.getOrDefault(new Pass(suite, temperature), List.of());
        }

        /** Number of complete problems. */
        int problems() {
            return scores.values().stream().mapToInt(List::size).sum();
        }
    }

    /**
     * Opens a dump to append to it; the caller has locked its folder.
     *
     * @param file  file of the dump
     * @param bytes length to which the file is truncated first, in bytes
     */
    Dump(Path file, long bytes) {
        this.file = file;
        try {
            this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(bytes).position(bytes);
        } catch (IOException e) {
            throw FileFailure.writing(file, e);
        }
    }

    /** Writes all completions of one problem together. */
    void write(Pass pass, Problem problem, List<Graded> completions, Verifier verifier) {
        var lines = new StringBuilder();
        List<Verdict> verdicts = completions.stream().map(Graded::verdict).toList();
        boolean rewarded =
                verdicts.stream().anyMatch(verdict -> !verdict.parts().isEmpty());
        int[] candidates = rewarded ? Score.candidates(verdicts, verifier.forSource(problem.source())) : new int[0];
        for (Graded graded : completions) {
            var line = new LinkedHashMap<String, @Nullable Object>();
            line.put("suite", pass.suite);
            line.put("temperature", pass.temperature);
            line.put("problem", problem.key());
            line.put("accepted", problem.answers());
            line.put("sample", graded.completion().sample());
            line.put("length", graded.completion().length());
            line.put("truncated", graded.completion().isTruncated());
            line.put("answer", graded.verdict().answer().orElse(null));
            line.put("correct", graded.verdict().correct());
            line.put("stage", graded.verdict().stage());
            if (rewarded) {
                line.put("parts", graded.verdict().parts());
                line.put("candidate", candidates[graded.completion().sample()]);
            }
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
            throw FileFailure.writing(file, e);
        }
    }

    /**
     * Reads a dump; only the lines of one problem are in memory at a time.
     *
     * @param file     file of the dump; if it does not exist, the contents are empty
     * @param settings settings of the evaluation, with the number of samples per problem
     * @param verdict  function from a line to its verdict
     * @param voters   verifier that decides which answers are the same, by the suite; one that is not there leaves the votes as
     *                 they are
     * @throws IllegalArgumentException if a complete line is not the one expected at its place
     */
    static Contents read(
            Path file, EvalSettings settings, Function<Line, Verdict> verdict, Map<String, Verifier> voters) {
        var scores = new LinkedHashMap<Pass, List<Score>>();
        var problem = new ArrayList<Line>();
        long bytes = 0;
        long completeBytes = 0;
        try (InputStream in = Files.exists(file)
                ? new BufferedInputStream(Files.newInputStream(file))
                : InputStream.nullInputStream()) {
            for (byte[] text = line(in); text.length > 0; text = line(in)) {
                bytes += text.length;
                Line line = JSON.readValue(text, Line.class);
                if (line.sample != problem.size() || !(problem.isEmpty() || line.isOfSameProblem(problem.getLast()))) {
                    throw new IllegalArgumentException(file + " has sample " + line.sample + " of " + line.problem
                            + " where sample " + problem.size() + " of a problem should be");
                }
                problem.add(line);
                if (problem.size() == settings.at(line.temperature).samples()) {
                    List<Outcome> outcomes = problem.stream()
                            .map(each -> new Outcome(verdict.apply(each), each.length, each.truncated))
                            .toList();
                    scores.computeIfAbsent(new Pass(line.suite, line.temperature), _ -> new ArrayList<>())
                            .add(score(problem, outcomes, voters.get(line.suite)));
                    problem.clear();
                    completeBytes = bytes;
                }
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + " is no dump: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw FileFailure.reading(file, e);
        }
        return new Contents(scores, completeBytes);
    }

    /**
     * The score of a problem. No verifier is asked but the one given, or the grader: a dump must not be what causes a user's
     * code to run.
     */
    private static Score score(List<Line> lines, List<Outcome> outcomes, @Nullable Verifier voter) {
        String problem = lines.getFirst().problem;
        if (voter != null) {
            return Score.of(problem, outcomes, voter);
        }
        if (lines.stream().anyMatch(line -> line.candidate == null)) {
            return Score.of(problem, outcomes, new Grader());
        }
        return Score.of(
                problem,
                outcomes,
                lines.stream()
                        .mapToInt(line -> line.candidate == null ? Score.NO_VOTE : line.candidate)
                        .toArray());
    }

    /** The next line with its line feed; empty at the end of the file or if the line is incomplete. */
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

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw FileFailure.writing(file, e);
        }
    }
}
