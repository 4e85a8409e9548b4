package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SegmentsTest {

    @Test
    void sequencesFollowOneAnotherWithoutPadding() {
        var segments = Segments.ofLengths(2, 0, 3);

        assertThat(segments.count()).isEqualTo(3);
        assertThat(segments.total()).isEqualTo(5);
        assertThat(segments.start(2)).isEqualTo(2);
        assertThat(segments.end(2)).isEqualTo(5);
        assertThat(segments.length(1)).isZero();
        assertThat(segments.positions()).containsExactly(0, 1, 0, 1, 2);
    }

    @Test
    void thereMayBeNone() {
        assertThat(Segments.ofLengths().count()).isZero();
        assertThat(Segments.ofLengths().positions()).isEmpty();
    }

    @Test
    void equalLengthsAreEqualSegments() {
        assertThat(Segments.ofLengths(2, 3))
                .isEqualTo(Segments.ofLengths(2, 3))
                .hasSameHashCodeAs(Segments.ofLengths(2, 3));
        assertThat(Segments.ofLengths(2, 3)).isNotEqualTo(Segments.ofLengths(3, 2));
    }

    @Test
    void negativeLengthsAndMoreRowsThanAnIntCountsAreRefused() {
        assertThatThrownBy(() -> Segments.ofLengths(1, -4)).hasMessage("sequence 1 has length -4");
        assertThatThrownBy(() -> Segments.ofLengths(Integer.MAX_VALUE, 1)).isInstanceOf(ArithmeticException.class);
    }
}
