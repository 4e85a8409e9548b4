package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {

    private static final List<String> COMMANDS = List.of("train", "ablate", "inspect", "eval", "score", "chat");
    private static final List<String> OPTIONS =
            List.of("-h", "--help", "--model", "--max-new-tokens", "--seed", "--set");

    @ParameterizedTest
    @CsvSource({"evla, eval", "tarin, train", "inspekt, inspect", "chatt, chat", "ablat, ablate"})
    void nearCommandIsSuggested(String word, String suggestion) {
        assertThat(Suggestion.of(word, COMMANDS)).contains(suggestion);
    }

    @ParameterizedTest
    @CsvSource({"--modle, --model", "--max-tokens, --max-new-tokens", "--sed, --seed", "--hepl, --help"})
    void nearOptionIsSuggested(String word, String suggestion) {
        assertThat(Suggestion.of(word, OPTIONS)).contains(suggestion);
    }

    @ParameterizedTest
    @CsvSource({"hello", "--verbose", "x"})
    void farWordIsNot(String word) {
        assertThat(Suggestion.of(word, COMMANDS)).isEmpty();
        assertThat(Suggestion.of(word, OPTIONS)).isEmpty();
    }

    @Test
    void distanceCountsASwapOnce() {
        assertThat(Suggestion.distance("evla", "eval")).isEqualTo(1);
        assertThat(Suggestion.distance("", "abc")).isEqualTo(3);
        assertThat(Suggestion.distance("kitten", "sitting")).isEqualTo(3);
    }
}
