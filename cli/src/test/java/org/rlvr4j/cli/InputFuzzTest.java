package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousandth of what {@code scripts/fuzz.sh --inputs 5000000} reads; time is measured there, and decides nothing here. */
class InputFuzzTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void everySeedIsRead() throws IOException {
        for (InputFormat format : new InputFormats(folder).all()) {
            for (byte[] seed : format.seeds()) {
                assertThatCode(() -> format.reader().read(seed))
                        .as(format.format())
                        .doesNotThrowAnyException();
                assertThatCode(() -> format.reader().read(format.repair().apply(seed.clone())))
                        .as("repaired " + format.format())
                        .doesNotThrowAnyException();
            }
        }
    }

    @Test
    void damagedInputsAreReadOrRejectedByTypeWithinBounds() throws IOException {
        var fuzz = new InputFuzz(folder, 20_250_901);

        fuzz.run(5_000, false);

        fuzz.report().forEach(System.out::println);
        assertThat(fuzz.faults()).isEmpty();
    }
}
