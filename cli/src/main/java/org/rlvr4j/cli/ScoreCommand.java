package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.rlvr4j.cli.option.ModelOptions;
import org.rlvr4j.cli.option.RewardOptions;
import org.rlvr4j.run.evaluation.Rescoring;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code score}. */
@Command(
        name = "score",
        description = "Grades the completions of an evaluation again, without its model.",
        mixinStandardHelpOptions = true)
final class ScoreCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FOLDER", description = "the --output of an eval")
    private Path folder = Path.of("");

    @Mixin
    private OutputOptions printed = new OutputOptions();

    @Mixin
    private RewardOptions verifier = new RewardOptions();

    @Override
    public Integer call() {
        Rescoring rescoring = Rescoring.of(folder, verifier.settings());
        rescoring.report().unanswered().forEach(ModelOptions::warn);
        printed.print(() -> text(rescoring), () -> numbers(rescoring));
        return 0;
    }

    private static String text(Rescoring rescoring) {
        String head = rescoring.changes().isEmpty() ? "Every verdict is as it was." : "Verdicts that changed:";
        return rescoring.report().toText() + "\n" + head + "\n"
                + rescoring.changes().stream().map(change -> change + "\n").collect(Collectors.joining());
    }

    private static Map<String, Object> numbers(Rescoring rescoring) {
        var numbers = new LinkedHashMap<>(rescoring.report().numbers());
        numbers.put("changes", rescoring.changes());
        return numbers;
    }
}
