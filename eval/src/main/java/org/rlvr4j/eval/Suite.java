package org.rlvr4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.rlvr4j.data.Columns;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.Problems;

/**
 * Suite of problems whose scores are reported together.
 *
 * @param name     name in reports, such as {@code AIME-24}
 * @param problems distinct problems
 */
public record Suite(String name, List<Problem> problems) {

    /** Name of GSM8K. */
    public static final String GSM8K = "GSM8K";

    private static final Map<String, String> KNOWN = Map.of(
            "math500", "MATH-500",
            "amc2023", "AMC-23",
            "amc23", "AMC-23",
            "aime2024", "AIME-24",
            "aime24", "AIME-24",
            "aime2025", "AIME-25",
            "aime25", "AIME-25",
            "gsm8k", GSM8K,
            "gsm8ktest", GSM8K,
            "openaigsm8k", GSM8K);

    public Suite {
        if (problems.isEmpty()) {
            throw new IllegalArgumentException("the suite " + name + " has no problems");
        }
        problems = List.copyOf(problems);
    }

    /**
     * The suites of a file, one per data source, in the file's order; its problems keep verl's columns.
     *
     * @param file file of problems
     */
    public static List<Suite> load(Path file) {
        return load(file, Columns.VERL);
    }

    /**
     * The suites of a file, whose problems keep more columns.
     *
     * @param file    file of problems
     * @param columns columns that the problems keep
     */
    public static List<Suite> load(Path file, Columns columns) {
        var bySource = new LinkedHashMap<String, List<Problem>>();
        for (Problem problem : Problems.load(file, columns)) {
            bySource.computeIfAbsent(problem.source(), _ -> new ArrayList<>()).add(problem);
        }
        return bySource.entrySet().stream()
                .map(suite -> new Suite(name(suite.getKey()), suite.getValue()))
                .toList();
    }

    /** The usual name of a suite from a data source such as {@code qwen_aime_2024}, or the source itself if unknown. */
    static String name(String source) {
        String letters =
                source.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "").replaceFirst("^qwen", "");
        return KNOWN.getOrDefault(letters, source);
    }
}
