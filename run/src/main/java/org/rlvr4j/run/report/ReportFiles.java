package org.rlvr4j.run.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A report as report.txt, report.md, report.json and report.html. */
public final class ReportFiles {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ReportFiles() {}

    /**
     * Writes the files.
     *
     * @param numbers the same for programs: what {@code report.json} is to hold
     * @throws UncheckedIOException if one cannot be written
     */
    public static void write(Path folder, Report report, Object numbers) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("report.txt"), report.toText());
            Files.writeString(folder.resolve("report.md"), report.toMarkdown());
            Files.writeString(folder.resolve("report.json"), JSON.writeValueAsString(numbers) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder + ": " + e.getMessage(), e);
        }
        HtmlReport.write(report, folder.resolve("report.html"));
    }
}
