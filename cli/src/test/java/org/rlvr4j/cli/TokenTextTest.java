package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** With tokens of one byte each. */
class TokenTextTest {

    private final TokenText text = new TokenText(TokenTextTest::decode);

    @Test
    void characterIsHeldBackUntilItsLastByteIsThere() {
        assertThat(bytes("aé€😀b").mapToObj(text::append))
                .containsExactly("a", "", "é", "", "", "€", "", "", "", "😀", "b");
        assertThat(text.end()).isEmpty();
    }

    @Test
    void incompleteCharacterComesAtTheEnd() {
        assertThat(bytes("€").limit(2).mapToObj(text::append)).containsExactly("", "");
        assertThat(text.end()).isEqualTo("\uFFFD");
    }

    @Test
    void bytesThatAreNoCharacterComeWithTheNextThatIs() {
        assertThat(IntStream.of(0xff, 0xe2, 'x').mapToObj(text::append)).containsExactly("", "", "\uFFFD\uFFFDx");
    }

    @ParameterizedTest
    @MethodSource("texts")
    void partsAreTheWhole(int[] tokens) {
        var parts = new StringBuilder();
        for (int token : tokens) {
            parts.append(text.append(token));
        }
        parts.append(text.end());

        assertThat(parts).hasToString(decode(tokens));
    }

    static Stream<Arguments> texts() {
        var random = new SplittableRandom(1);
        Stream<int[]> noise =
                Stream.generate(() -> random.ints(200, 0, 256).toArray()).limit(20);
        return Stream.concat(
                        noise, Stream.of(bytes("Zwölf Boxkämpfer: 十二 🥊🇩🇪").toArray()))
                .map(tokens -> arguments((Object) tokens));
    }

    private static IntStream bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, utf8.length).map(i -> utf8[i] & 0xff);
    }

    private static String decode(int[] tokens) {
        var utf8 = new byte[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            utf8[i] = (byte) tokens[i];
        }
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
