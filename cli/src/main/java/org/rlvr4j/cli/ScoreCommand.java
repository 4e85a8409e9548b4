package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.rlvr4j.run.evaluation.Rescoring;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command {@code score}. */
@Command(
        name = "score",
        description = "Grades the completions of an evaluation again, without its model.",
        mixinStandardHelpOptions = true)
final class ScoreCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FOLDER", description = "the --output of an eval")
    private Path folder = Path.of("");

    @Override
    public Integer call() {
        Rescoring rescoring = Rescoring.of(folder);
        System.out.print(rescoring.report().toText());
        System.out.println();
        System.out.println(rescoring.changes().isEmpty() ? "Every verdict is as it was." : "Verdicts that changed:");
        rescoring.changes().forEach(System.out::println);
        return 0;
    }
}
