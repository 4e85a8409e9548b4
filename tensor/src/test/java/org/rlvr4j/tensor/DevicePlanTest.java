package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DevicePlanTest {

    @Test
    void roleThatFitsHasOneArrayOfItsSize() {
        var plan = new DevicePlan(Map.of(Role.WEIGHTS, 1000L));

        assertThat(plan.arrays(Role.WEIGHTS, 1000)).containsExactly(1000L);
        assertThat(plan.arrays(Role.MEANS, 1000)).isEmpty();
        assertThat(plan.largestBlock(Role.WEIGHTS, 1000)).isEqualTo(1000);
        assertThat(plan.total(1000)).isEqualTo(1000);
    }

    @Test
    void largerRoleHasSeveralArraysWithAThirdMore() {
        var plan = new DevicePlan(Map.of(Role.WEIGHTS, 2400L, Role.GRADIENTS, 10L));

        assertThat(plan.arrays(Role.WEIGHTS, 1000)).containsExactly(1000L, 1000L, 1000L, 200L);
        assertThat(plan.largestBlock(Role.WEIGHTS, 1000)).isEqualTo(125);
        assertThat(plan.total(1000)).isEqualTo(3210);
    }

    @Test
    void largestArrayHasAnIntAsIndex() {
        assertThat(DevicePlan.LARGEST_ARRAY / Float.BYTES).isEqualTo(Integer.MAX_VALUE - 1023);
    }
}
