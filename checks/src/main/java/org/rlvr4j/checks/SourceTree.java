package org.rlvr4j.checks;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The project's Java sources: what is not formatted, and how many lines of code there are. */
public final class SourceTree {

    private static final Formatter FORMATTER = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(JavaFormatterOptions.Style.PALANTIR)
            .build());

    private final Path root;

    SourceTree(Path root) {
        this.root = root;
    }

    /** Rewrites every source file of the repository that is given as the argument in palantir-java-format's style. */
    public static void main(String[] args) throws IOException, FormatterException {
        var tree = new SourceTree(Path.of(args[0]));
        for (Path file : tree.unformatted()) {
            Files.writeString(file, format(file));
            System.out.println("formatted " + file);
        }
    }

    List<Path> unformatted() throws IOException, FormatterException {
        try (Stream<Path> files = Files.walk(root)) {
            var wrong = new ArrayList<Path>();
            for (Path file : files.filter(SourceTree::isSource).sorted().toList()) {
                if (!format(file).equals(Files.readString(file))) {
                    wrong.add(file);
                }
            }
            return wrong;
        }
    }

    /** Lines of the modules' main sources that are neither blank nor comment. */
    long linesOfCode(String... modules) throws IOException {
        long lines = 0;
        for (String module : modules) {
            try (Stream<Path> files = Files.walk(root.resolve(module).resolve("src/main"))) {
                for (Path file : files.filter(SourceTree::isSource).toList()) {
                    lines += Files.readAllLines(file).stream()
                            .map(String::strip)
                            .filter(line -> !line.isEmpty() && !isComment(line))
                            .count();
                }
            }
        }
        return lines;
    }

    private static boolean isComment(String line) {
        return line.startsWith("//") || line.startsWith("/*") || line.startsWith("*");
    }

    private static boolean isSource(Path file) {
        return file.toString().endsWith(".java") && !file.toString().contains("/target/");
    }

    private static String format(Path file) throws IOException, FormatterException {
        return FORMATTER.formatSourceAndFixImports(Files.readString(file));
    }
}
