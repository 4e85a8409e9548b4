package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.run.report.TrainingReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code report}. */
@Command(
        name = "report",
        description = "Writes the report of a training, or of several beside each other, from their output folders.",
        mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FOLDER", description = "the output folder of train or ablate", arity = "1..*")
    private List<Path> folders = new ArrayList<>();

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "the HTML file to write (default: report.html in the folder, if it is only one)")
    private @Nullable Path output;

    @Override
    public Integer call() {
        if (output == null && folders.size() > 1) {
            throw new IllegalArgumentException("say where the report of several folders goes: --output FILE");
        }
        Path file = output == null ? TrainingReport.file(folders.getFirst()) : output;
        TrainingReport.write(folders, file);
        System.out.println("Report: " + file);
        return 0;
    }
}
