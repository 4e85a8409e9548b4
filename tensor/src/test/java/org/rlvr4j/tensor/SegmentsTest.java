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
    void sequenceThatContinuesAnotherHasItsPositionsFirst() {
        var segments = Segments.ofLengths(2, 1, 3, 2).continuing(0, 2, 3, 3, Segments.NONE);

        assertThat(segments.isTree()).isTrue();
        assertThat(segments.before(0)).isEqualTo(5);
        assertThat(segments.rows(0)).containsExactly(6, 7, 3, 4, 5, 0, 1);
        assertThat(segments.rows(1)).containsExactly(6, 7, 2);
        assertThat(segments.rows(3)).containsExactly(6, 7);
        assertThat(segments.positions()).containsExactly(5, 6, 2, 2, 3, 4, 0, 1);
        assertThat(segments)
                .isNotEqualTo(Segments.ofLengths(2, 1, 3, 2))
                .hasToString("Segments[0, 2, 3, 6, 8]" + " continuing [2, 3, 3, -1]");
    }

    @Test
    void sequenceOutsideOfTheBatchHasTheRowsAfterIt() {
        var segments = Segments.ofLengths(2, 1).continuing(3, 2, Segments.NONE);

        assertThat(segments.rows(0)).containsExactly(3, 4, 5, 0, 1);
        assertThat(segments.positions()).containsExactly(3, 4, 0);
        assertThat(segments.outside()).isEqualTo(3);
        assertThat(segments.parent(2)).isEqualTo(Segments.NONE);
        assertThat(Segments.ofLengths(2).isTree()).isFalse();
    }

    @Test
    void sequenceMustLieBehindThoseThatContinueIt() {
        assertThatThrownBy(() -> Segments.ofLengths(2, 1).continuing(0, Segments.NONE, 0))
                .hasMessage("sequence 1 of 2 continues 0, which does not lie behind it");
        assertThatThrownBy(() -> Segments.ofLengths(2, 1).continuing(0, 2, Segments.NONE))
                .hasMessage("sequence 0 of 2 continues 2, which does not lie behind it");
        assertThatThrownBy(() -> Segments.ofLengths(2, 1).continuing(0, 1)).hasMessage("1 parents for 2 sequences");
    }

    @Test
    void negativeLengthsAndMoreRowsThanAnIntCountsAreRefused() {
        assertThatThrownBy(() -> Segments.ofLengths(1, -4)).hasMessage("sequence 1 has length -4");
        assertThatThrownBy(() -> Segments.ofLengths(Integer.MAX_VALUE, 1)).isInstanceOf(ArithmeticException.class);
    }
}
