package org.rlvr4j.checks;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Java sources of the project, with their format and their sizes. */
public final class SourceTree {

    private static final Formatter FORMATTER = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(JavaFormatterOptions.Style.PALANTIR)
            .build());

    private final Path root;

    SourceTree(Path root) {
        this.root = root;
    }

    /** Formats every source file of the repository {@code args[0]} in the style of palantir-java-format. */
    public static void main(String[] args) throws IOException, FormatterException {
        var tree = new SourceTree(Path.of(args[0]));
        for (Path file : tree.unformatted()) {
            Files.writeString(file, format(file));
            System.out.println("formatted " + file);
        }
    }

    List<Path> unformatted() throws IOException, FormatterException {
        var wrong = new ArrayList<Path>();
        for (Path file : sources(root)) {
            if (!format(file).equals(Files.readString(file))) {
                wrong.add(file);
            }
        }
        return wrong;
    }

    /** Lines of code in the main sources of each module, by its name. */
    Map<String, Long> linesOfModules() throws IOException {
        var lines = new TreeMap<String, Long>();
        for (Path file : mainSources()) {
            lines.merge(root.relativize(file).getName(0).toString(), linesOfCode(file), Long::sum);
        }
        return lines;
    }

    /** Lines of code in each file of main sources, by its path. */
    Map<Path, Long> linesOfFiles() throws IOException {
        var lines = new TreeMap<Path, Long>();
        for (Path file : mainSources()) {
            lines.put(root.relativize(file), linesOfCode(file));
        }
        return lines;
    }

    /** Number of files with types in each package of main sources, by its folder. */
    Map<Path, Long> filesOfPackages() throws IOException {
        var files = new TreeMap<Path, Long>();
        for (Path file : mainSources()) {
            if (!file.endsWith("package-info.java")) {
                files.merge(root.relativize(file).getParent(), 1L, Long::sum);
            }
        }
        return files;
    }

    /** Number of lines that are neither blank nor comment nor import. */
    private static long linesOfCode(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !isComment(line) && !line.startsWith("import "))
                .count();
    }

    private static boolean isComment(String line) {
        return line.startsWith("//") || line.startsWith("/*") || line.startsWith("*");
    }

    private List<Path> mainSources() throws IOException {
        return sources(root).stream()
                .filter(file -> root.relativize(file).toString().contains("src/main/"))
                .toList();
    }

    private static List<Path> sources(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")
                            && !file.toString().contains("/target/"))
                    .sorted()
                    .toList();
        }
    }

    private static String format(Path file) throws IOException, FormatterException {
        return FORMATTER.formatSourceAndFixImports(Files.readString(file));
    }
}
