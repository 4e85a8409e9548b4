package org.rlvr4j.run.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rlvr4j.run.files.FileFailure;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Report files: report.txt, report.md, report.json and report.html. */
public final class ReportFiles {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ReportFiles() {}

    /**
     * Writes a report as four files.
     *
     * @param folder  folder of the files, which is created if it does not exist
     * @param report  report for readers
     * @param numbers content of {@code report.json}: the numbers of the report, for programs
     * @throws UncheckedIOException if a file cannot be written
     */
    public static void write(Path folder, Report report, Object numbers) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("report.txt"), report.toText());
            Files.writeString(folder.resolve("report.md"), report.toMarkdown());
            Files.writeString(folder.resolve("report.json"), JSON.writeValueAsString(numbers) + "\n");
        } catch (IOException e) {
            throw FileFailure.writingTo(folder, e);
        }
        HtmlReport.write(report, folder.resolve("report.html"));
    }
}
