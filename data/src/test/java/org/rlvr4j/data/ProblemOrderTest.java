package org.rlvr4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlvr4j.data.ProblemOrder.Position;

class ProblemOrderTest {

    private static final List<Problem> POOL = SumProblems.STANDARD.generate(10, 1, List.of());

    @Test
    void epochHoldsEveryProblemOnce() {
        var order = new ProblemOrder(POOL, 1);

        var epoch = new ArrayList<>(order.next(5));
        epoch.addAll(order.next(5));

        assertThat(epoch).containsExactlyInAnyOrderElementsOf(POOL).isNotEqualTo(POOL);
        assertThat(order.next(10)).containsExactlyInAnyOrderElementsOf(POOL).isNotEqualTo(epoch);
    }

    @Test
    void sameSeedDrawsTheSameOrder() {
        assertThat(new ProblemOrder(POOL, 3).next(10)).isEqualTo(new ProblemOrder(POOL, 3).next(10));
        assertThat(new ProblemOrder(POOL, 3).next(10)).isNotEqualTo(new ProblemOrder(POOL, 4).next(10));
    }

    @Test
    void restOfAnEpochThatCannotFillADrawIsPassedOver() {
        var order = new ProblemOrder(POOL, 1);
        order.next(4);
        order.next(4);

        List<Problem> third = order.next(4);

        assertThat(order.position()).isEqualTo(new Position(1, 4));
        assertThat(third).isEqualTo(new ProblemOrder(POOL, 1, new Position(1, 0)).next(4));
    }

    @Test
    void drawOfMoreThanThereAreGoesOnIntoTheNextEpochs() {
        var order = new ProblemOrder(POOL, 1);

        List<Problem> drawn = order.next(25);

        assertThat(drawn.subList(0, 10)).containsExactlyInAnyOrderElementsOf(POOL);
        assertThat(drawn.subList(10, 20)).containsExactlyInAnyOrderElementsOf(POOL);
        assertThat(order.position()).isEqualTo(new Position(2, 5));
    }

    @Test
    void orderGoesOnFromASavedPosition() {
        var order = new ProblemOrder(POOL, 5);
        order.next(3);
        Position saved = order.position();

        var resumed = new ProblemOrder(POOL, 5, saved);

        for (int draw = 0; draw < 10; draw++) {
            assertThat(resumed.next(3)).isEqualTo(order.next(3));
            assertThat(resumed.position()).isEqualTo(order.position());
        }
    }

    @Test
    void positionOutsideThePoolAndEmptyPoolAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ProblemOrder(POOL, 1, new Position(0, 11)))
                .withMessage("Position[epoch=0, offset=11] is not in an order of 10 problems");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ProblemOrder(List.of(), 1))
                .withMessage("there are no problems to draw from");
    }
}
