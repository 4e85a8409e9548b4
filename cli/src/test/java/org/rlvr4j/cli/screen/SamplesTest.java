package org.rlvr4j.cli.screen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplesTest {

    @Test
    void textIsOneLine() {
        assertThat(Samples.shortened(" Let x = 1.\n\n  Then\tx + 1 = 2. ", 80)).isEqualTo("Let x = 1. Then x + 1 = 2.");
    }

    @Test
    void longTextLosesItsMiddle() {
        assertThat(Samples.shortened("First we add, then we multiply: \\boxed{42}", 25))
                .isEqualTo("First we a ... \\boxed{42}")
                .hasSize(25);
    }

    @Test
    void textIsShownHoweverNarrowTheTerminalIs() {
        assertThat(Samples.shortened("First we add, then we multiply", -5)).hasSize(10);
    }
}
