package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlvr4j.rl.Pass.Kind.LAST_PART;
import static org.rlvr4j.rl.Pass.Kind.PART;
import static org.rlvr4j.rl.Pass.Kind.SHARED;

import java.util.List;
import org.junit.jupiter.api.Test;

class PassTest {

    private static final int WHOLE = 100_000;

    @Test
    void groupsSharePassesUpToTheTokensAndToTheRowsWhoseLogitsAreSaved() {
        Batch batch = PromptGroups.batch(
                true); // groups of 34, 4, 7, 2, 57 and 44 rows: a prompt of one token is shared by none

        assertThat(sizes(Pass.shared(batch, 60, WHOLE))).containsExactly(7, 3, 2);
        assertThat(sizes(Pass.shared(batch, WHOLE, 45))).containsExactly(7, 3, 2);
        assertThat(sizes(Pass.shared(batch, WHOLE, 1))).containsExactly(4, 1, 1, 1, 3, 2);
        assertThat(sizes(Pass.shared(batch, WHOLE, WHOLE))).containsExactly(12);
        assertThat(Pass.shared(batch, 40, WHOLE))
                .extracting(Pass::kind)
                .containsExactly(SHARED, SHARED, PART, LAST_PART, PART, LAST_PART);
    }

    private static List<Integer> sizes(List<Pass> passes) {
        return passes.stream().map(pass -> pass.batch().completions().size()).toList();
    }
}
