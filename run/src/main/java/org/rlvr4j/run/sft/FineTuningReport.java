package org.rlvr4j.run.sft;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.SupervisedConfig;
import org.rlvr4j.run.report.Curves;
import org.rlvr4j.run.report.HtmlReport;
import org.rlvr4j.run.report.Report;
import org.rlvr4j.run.report.RunFolder;
import org.rlvr4j.run.report.Table;
import org.rlvr4j.run.report.TrainingFolder;
import org.rlvr4j.run.report.TrainingReport;

/** Report of a fine-tuning: its losses as a table and as curves, and their origin. */
final class FineTuningReport {

    private static final String INTRO =
            "Supervised learning from examples. A loss is the mean negative log-likelihood of a learned token, in"
                    + " nats; that of a step is of its batch, before its update.";

    private FineTuningReport() {}

    /**
     * Writes the page.
     *
     * @param tables  results, if there are any yet
     * @param origin  program and machine
     * @param running whether the training goes on, so that the page loads itself again
     */
    static void write(SupervisedConfig config, List<Table> tables, TrainingFolder.Origin origin, boolean running) {
        Path output = config.output();
        var report = new Report(
                "rlvr4j: " + output.toAbsolutePath().normalize().getFileName(),
                INTRO,
                tables,
                List.of(
                        new Report.Detail("Configuration", Configs.write(config)),
                        new Report.Detail("Commit", origin.commit()),
                        new Report.Detail("Machine", origin.machine())));
        var run = new Curves.Run(
                "sft",
                config.training().seed(),
                output.resolve(RunFolder.METRICS),
                output.resolve(RunFolder.TIMINGS),
                output.resolve(RunFolder.EVALUATIONS),
                output.resolve(RunFolder.SAMPLES));
        HtmlReport.write(report, new Curves(running, List.of(run), Map.of()), TrainingReport.file(output));
    }
}
