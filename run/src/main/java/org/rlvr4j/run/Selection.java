package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Score;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.SolvedBetween;
import org.rlvr4j.run.report.MetricsFile;

/**
 * Selection of training problems by how often the start solves them. It is part of the start: a training that goes on reads it
 * from there.
 *
 * @param lines one line for each training problem, in their order
 */
record Selection(List<Line> lines) {

    private static final String FILE = "solved.jsonl";

    /**
     * Line of the file: how often the start solved a problem.
     *
     * @param problem  key of the problem
     * @param solved   number of rollouts that solved it
     * @param rollouts number of rollouts
     * @param kept     whether the problem is trained on
     */
    record Line(String problem, int solved, int rollouts, boolean kept) {

        Map<String, Object> toMap() {
            var map = new LinkedHashMap<String, Object>();
            map.put("problem", problem);
            map.put("solved", solved);
            map.put("rollouts", rollouts);
            map.put("kept", kept);
            return map;
        }
    }

    /** Selection of all problems, which needs no rollouts and has no file. */
    static final Selection ALL = new Selection(List.of());

    /**
     * Samples responses to all training problems by the current policy, and selects by the bounds of the configuration.
     *
     * @throws IllegalArgumentException if no problem is kept
     */
    static Selection measured(Workbench bench) {
        RunConfig.Training training = bench.config().training();
        SolvedBetween bounds = training.solvedBetween();
        if (bounds == null) {
            return ALL;
        }
        var sampling = new Sampling(
                bounds.rollouts(),
                training.temperature(),
                training.topK(),
                training.topP(),
                training.maxNewTokens(),
                bounds.seed());
        var suite = new Suite("training", bench.sets().training());
        Evaluation evaluation = new Measurement(bench).sampled("training problems", suite, sampling);
        var selection = new Selection(
                evaluation.scores().stream().map(score -> line(score, bounds)).toList());
        selection.require(bounds);
        return selection;
    }

    private static Line line(Score score, SolvedBetween bounds) {
        int solved = Math.toIntExact(score.outcomes().stream()
                .filter(outcome -> outcome.verdict().correct())
                .count());
        return new Line(score.problem(), solved, bounds.rollouts(), bounds.keeps(solved));
    }

    private void require(SolvedBetween bounds) {
        if (lines.stream().noneMatch(Line::kept)) {
            var shares = lines.stream().mapToInt(Line::solved).summaryStatistics();
            throw new IllegalArgumentException("the start solves none of the " + lines.size() + " training problems in "
                    + bounds + ": the least solved is solved by " + shares.getMin() + " of them, the most solved by "
                    + shares.getMax() + "; widen training.solvedBetween, or choose other problems");
        }
    }

    /** Reads the selection of a start that is resumed, if the configuration selects. */
    static Selection read(Workbench bench) {
        return bench.config().training().solvedBetween() == null
                ? ALL
                : new Selection(MetricsFile.read(bench.start().folder().resolve(FILE), Line.class));
    }

    /** Writes the lines into the folder of a start, unless all problems are selected without a look. */
    void write(Path folder) {
        if (!equals(ALL)) {
            try (var file = new MetricsFile(folder.resolve(FILE))) {
                lines.forEach(line -> file.write(line.toMap()));
            }
        }
    }

    /** The workbench with the selected problems as its training problems; says how many they are. */
    Workbench appliedTo(Workbench bench) {
        SolvedBetween bounds = bench.config().training().solvedBetween();
        if (bounds == null) {
            return bench;
        }
        Set<String> kept = lines.stream().filter(Line::kept).map(Line::problem).collect(Collectors.toSet());
        List<Problem> selected = bench.sets().training().stream()
                .filter(problem -> kept.contains(problem.key()))
                .toList();
        bench.listener()
                .message(selected.size() + " of " + lines.size()
                        + " training problems are kept: the start solves them in " + bounds);
        return bench.with(bench.sets()
                .withTraining(selected)
                .measuredOn(bench.config().evaluation().problems()));
    }
}
