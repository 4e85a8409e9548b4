package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.rlvr4j.run.Interruption;

class SignalsTest {

    private final Interruption interruption = new Interruption();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final AtomicInteger halts = new AtomicInteger();
    private final Signals signals =
            new Signals(interruption, new PrintStream(bytes, true, StandardCharsets.UTF_8), halts::incrementAndGet);

    @Test
    void firstSignalSaysWhatItWaitsForAndTheSecondEnds() {
        interruption.check();

        signals.receive();

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("ends after the token or micro-batch at hand and saves what is made; Ctrl-C once more");
        assertThat(halts).hasValue(0);
        assertThatThrownBy(interruption::check).isInstanceOf(Interruption.EarlyEnd.class);

        signals.receive();

        assertThat(halts).hasValue(1);
    }

    @Test
    void workThatDoesNotCheckEndsAtOnce() {
        signals.receive();

        assertThat(halts).hasValue(1);
        assertThat(bytes.size()).isZero();
    }
}
