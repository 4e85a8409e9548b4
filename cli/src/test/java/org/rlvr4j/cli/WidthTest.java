package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.run.files.Sha256;

/** A training is the same to the last bit with vectors of any width, with any number of threads, and without vectors. */
@ExtendWith(TinyStart.class)
class WidthTest {

    private static final List<String> OPTIONS =
            List.of("-XX:MaxVectorSize=16", "-XX:MaxVectorSize=32", "-XX:UseAVX=2", TinyRun.PLAIN_LOOPS);

    /** UseAVX is an option of x86 alone; elsewhere that run has the processor's own width. */
    private static final String ANY_PROCESSOR = "-XX:+IgnoreUnrecognizedVMOptions";

    private final TinyRun tiny;

    @TempDir
    private Path folder = Path.of("");

    WidthTest(TinyRun tiny) {
        this.tiny = tiny;
    }

    @Test
    void warmUpAndStepsHaveTheSameBytesOnVectorsOfAnyWidth() throws Exception {
        Map<String, String> expected = made(tiny.finished());
        for (String option : OPTIONS) {
            Path output = folder.resolve(option.substring(option.indexOf(':') + 1));
            Path printed = folder.resolve("printed.txt");
            Process process =
                    TinyRun.start(TinyRun.command(tiny.warming(output, "threads=2"), ANY_PROCESSOR, option), printed);

            assertThat(process.waitFor()).as(Files.readString(printed)).isZero();
            assertThat(made(output)).as(option).isEqualTo(expected);
        }
    }

    /** The weights after the warm-up and all that two steps of DCPO made of them. */
    private static Map<String, String> made(Path output) throws IOException {
        var made = new TreeMap<>(TinyRun.result(output, "DCPO", 2));
        made.put("start", Sha256.of(output.resolve("start/model.safetensors")));
        return made;
    }
}
