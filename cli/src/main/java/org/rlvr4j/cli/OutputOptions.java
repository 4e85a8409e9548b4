package org.rlvr4j.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.rlvr4j.cli.screen.Screen;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Options that say how a command's results are printed, and whether there is anything beside them. */
final class OutputOptions {

    @Option(names = "--quiet", description = "no progress and no messages: only results, warnings and errors")
    private boolean quiet;

    @Option(
            names = "--json",
            description = "results as one JSON object on standard output, and all else on standard error; docs/guide.md"
                    + " has its fields")
    private boolean json;

    /** The place for progress and messages. */
    Screen screen() {
        if (quiet) {
            return Screen.silent();
        }
        return json ? Screen.standardError() : Screen.system();
    }

    /** Prints results on standard output: as text, or as JSON if that is asked for. */
    void print(Supplier<String> text, Supplier<?> object) {
        if (json) {
            JsonMapper mapper = JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();
            new PrintStream(System.out, true, StandardCharsets.UTF_8).println(mapper.writeValueAsString(object.get()));
        } else {
            System.out.print(text.get());
        }
    }
}
