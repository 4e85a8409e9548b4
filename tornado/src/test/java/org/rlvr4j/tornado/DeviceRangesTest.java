package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.rlvr4j.tornado.places.Ranges;

class DeviceRangesTest {

    @Test
    void rangesAreASetOfIndexes() {
        var ranges = new Ranges();
        var expected = new BitSet();
        var random = new SplittableRandom(1);
        for (int i = 0; i < 2000; i++) {
            int start = random.nextInt(100);
            int end = start + random.nextInt(20);
            BitSet some = expected.get(start, end);
            if (random.nextBoolean()) {
                ranges.add(start, end);
                expected.set(start, end);
            } else {
                assertThat(ranges.remove(start, end).stream()
                                .mapToLong(Ranges.Range::length)
                                .sum())
                        .isEqualTo(some.cardinality());
                expected.clear(start, end);
            }
            assertThat(ranges.size()).isEqualTo(expected.cardinality());
        }
    }

    @Test
    void firstRunThatIsLongEnoughIsTaken() {
        var ranges = new Ranges();
        ranges.add(0, 4);
        ranges.add(10, 20);

        assertThat(ranges.take(5)).isEqualTo(10);
        assertThat(ranges.take(6)).isEqualTo(-1);
        assertThat(ranges.take(4)).isZero();
        assertThat(ranges.size()).isEqualTo(5);
    }
}
