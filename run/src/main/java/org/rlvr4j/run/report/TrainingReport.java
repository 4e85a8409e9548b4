package org.rlvr4j.run.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * Report of one or several trainings, which is made from the files in their output folders: tables, curves, samples and
 * origin on one HTML page.
 */
public final class TrainingReport {

    private final List<TrainingFolder> folders;
    private final boolean running;

    /**
     * @param folders output folders
     * @param running whether the training is still going on, so that the page loads itself again
     */
    public TrainingReport(List<TrainingFolder> folders, boolean running) {
        this.folders = List.copyOf(folders);
        this.running = running;
    }

    /**
     * Writes the report of one or several trainings.
     *
     * @param folders output folders of trainings, which may still be going on
     * @param file    HTML file, which is replaced if it exists
     * @throws IllegalArgumentException      if a folder has no runs
     * @throws java.io.UncheckedIOException if a file cannot be read or written
     */
    public static void write(List<Path> folders, Path file) {
        List<TrainingFolder> trainings =
                folders.stream().map(TrainingFolder::read).toList();
        for (TrainingFolder training : trainings) {
            if (training.runs().isEmpty()) {
                throw new IllegalArgumentException(
                        training.path() + " has no metrics.jsonl of any run yet: no step was made, or it is not the"
                                + " output folder of train or ablate");
            }
        }
        new TrainingReport(trainings, false).write(file);
    }

    /**
     * Path of the report of one training, in its output folder.
     *
     * @param output folder of the training
     */
    public static Path file(Path output) {
        return output.resolve("report.html");
    }

    /**
     * Writes the report; an existing file is replaced.
     *
     * @param file file to write
     */
    public void write(Path file) {
        HtmlReport.write(report(), curves(), file);
    }

    private Report report() {
        String title = "rlvr4j: " + folders.stream().map(this::label).collect(Collectors.joining(", "));
        var details = new ArrayList<Report.Detail>();
        for (TrainingFolder folder : folders) {
            String of = folders.size() == 1 ? "" : " of " + label(folder);
            details.add(new Report.Detail("Configuration" + of, folder.config()));
            details.add(new Report.Detail("Commit" + of, folder.origin().commit()));
            details.add(new Report.Detail("Machine" + of, folder.origin().machine()));
        }
        return new Report(title, intro(), tables(), details);
    }

    private String intro() {
        List<Long> seeds = folders.stream()
                .flatMap(folder -> folder.runs().stream())
                .map(RunFolder::seed)
                .distinct()
                .sorted()
                .toList();
        String lines = seeds.size() > 1
                ? " Lines are means over the seeds "
                        + seeds.stream().map(String::valueOf).collect(Collectors.joining(", "))
                        + "; bands reach from the lowest seed to the highest."
                : "";
        String start = folders.size() == 1
                ? "Every method starts from the same weights and sees the same problems."
                : "Trainings beside each other; a line is named by its folder and its method.";
        return start + lines
                + " Avg@1 is greedy, Avg@k is the mean of k samples at temperature 1; RUR and TCR are means over the"
                + " run.";
    }

    private List<Table> tables() {
        if (folders.size() == 1) {
            TrainingFolder folder = folders.getFirst();
            return ResultTables.of(
                    methods(folder), folder.numbers(), folder.failures(), folder.before(), folder.finished());
        }
        var byName = new LinkedHashMap<String, List<RunNumbers>>();
        var failures = new ArrayList<RunFailure>();
        for (TrainingFolder folder : folders) {
            List<RunNumbers> numbers = folder.numbers();
            for (String method : methods(folder)) {
                byName.put(
                        name(folder, method),
                        numbers.stream()
                                .filter(run -> run.method().equals(method))
                                .toList());
            }
            folder.failures()
                    .forEach(failure -> failures.add(
                            new RunFailure(name(folder, failure.method()), failure.seed(), failure.reason())));
        }
        var tables = new ArrayList<Table>(List.of(ResultTables.methods(byName, OptionalDouble.empty())));
        if (!failures.isEmpty()) {
            tables.add(ResultTables.failed(failures));
        }
        return tables;
    }

    private static List<String> methods(TrainingFolder folder) {
        return folder.runs().stream().map(RunFolder::method).distinct().toList();
    }

    private Curves curves() {
        var runs = new ArrayList<Curves.Run>();
        Map<String, Path> warmUps = new LinkedHashMap<>();
        for (TrainingFolder folder : folders) {
            for (RunFolder run : folder.runs()) {
                runs.add(new Curves.Run(
                        name(folder, run.method()),
                        run.seed(),
                        run.resolve(RunFolder.METRICS),
                        run.resolve(RunFolder.TIMINGS),
                        run.resolve(RunFolder.EVALUATIONS),
                        run.resolve(RunFolder.SAMPLES)));
            }
            warmUps.putAll(folder.warmUps(label(folder)));
        }
        return new Curves(running, runs, warmUps);
    }

    private String name(TrainingFolder folder, String method) {
        return folders.size() == 1 ? method : label(folder) + "/" + method;
    }

    /** Short name of a folder, or its path where another folder has the same name. */
    private String label(TrainingFolder folder) {
        long sameName = folders.stream()
                .filter(other -> other.label().equals(folder.label()))
                .count();
        return sameName == 1 ? folder.label() : folder.path().toString();
    }
}
