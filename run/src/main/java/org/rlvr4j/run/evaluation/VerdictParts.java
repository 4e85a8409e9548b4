package org.rlvr4j.run.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.rlvr4j.eval.Estimate;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Score;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.report.Table;

/**
 * Parts of the verdicts of an evaluation: what each verifier found, where there are several, or its values are not those of
 * right and wrong.
 *
 * @param settings settings of the evaluation
 * @param greedy   greedy evaluation of every suite
 * @param sampled  sampled evaluation of every sampled suite
 */
record VerdictParts(EvalSettings settings, List<Evaluation> greedy, List<Evaluation> sampled) {

    /**
     * Mean of a part over a suite.
     *
     * @param suite    name of the suite
     * @param sampling how the completions were drawn
     * @param part     name of the part
     * @param isShare  whether each problem's value is from 0 to 1
     * @param estimate mean, with its interval if it is a share
     */
    private record Row(String suite, Sampling sampling, String part, boolean isShare, Estimate estimate) {}

    private List<Row> rows() {
        return Stream.concat(
                        greedy.stream().flatMap(suite -> rows(suite, settings.greedy())),
                        sampled.stream().flatMap(suite -> rows(suite, settings.sampling())))
                .toList();
    }

    private static Stream<Row> rows(Evaluation suite, Sampling sampling) {
        return suite.scores().getFirst().outcomes().getFirst().verdict().parts().keySet().stream()
                .map(part -> {
                    ToDoubleFunction<Score> value = score -> score.outcomes().stream()
                            .mapToDouble(outcome -> outcome.verdict().parts().getOrDefault(part, 0.0))
                            .average()
                            .orElseThrow();
                    double[] values = suite.scores().stream().mapToDouble(value).toArray();
                    boolean isShare = Arrays.stream(values).allMatch(each -> each >= 0 && each <= 1);
                    return new Row(
                            suite.suite(),
                            sampling,
                            part,
                            isShare,
                            isShare ? Evaluation.mean(List.of(suite), value) : Estimate.of(values));
                });
    }

    /** Whether each suite has one verifier that judges by right and wrong, so that there is no more to say. */
    boolean isEmpty() {
        return rows().isEmpty();
    }

    /** The table of the parts. */
    Table table() {
        var cells = new ArrayList<List<String>>();
        for (Row row : rows()) {
            cells.add(List.of(
                    row.suite,
                    row.sampling.temperature() == 0 ? Metric.GREEDY : Evaluation.nameOfSampled(row.sampling.samples()),
                    row.part,
                    row.isShare ? row.estimate.percent() : String.format(Locale.ROOT, "%.3f", row.estimate.mean())));
        }
        return new Table(
                "By each verifier: shares in per cent, other values as means",
                List.of("Suite", "Drawn", "Verifier", "Mean"),
                cells);
    }

    /** The parts as a list of JSON objects. */
    List<Map<String, Object>> numbers() {
        var numbers = new ArrayList<Map<String, Object>>();
        for (Row row : rows()) {
            var number = new LinkedHashMap<>(EvalReport.numbers(row.part, row.suite, row.estimate));
            number.put("temperature", row.sampling.temperature());
            numbers.add(number);
        }
        return numbers;
    }
}
