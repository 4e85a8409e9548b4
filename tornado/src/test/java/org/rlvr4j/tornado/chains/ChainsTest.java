package org.rlvr4j.tornado.chains;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChainsTest {

    private static final List<Integer> LAYER = List.of(5, 3, 4, 3, 4, 9);

    private final Chains chains = new Chains(new Chains.Limits(2, 20, 10, 40));

    @Test
    void layersBecomeChainsOnceTheyWereSeenOften() {
        List<Integer> queue = queue(8, LAYER, 7);

        assertThat(chains.cut(queue)).hasSize(50);
        assertThat(chains.cut(queue))
                .containsExactly(
                        List.of(8),
                        repeated(LAYER, 2),
                        repeated(LAYER, 2),
                        repeated(LAYER, 2),
                        repeated(LAYER, 2),
                        List.of(7));
    }

    /** {@code first}, eight layers, {@code last}. */
    private static List<Integer> queue(int first, List<Integer> layer, int last) {
        var queue = new ArrayList<Integer>();
        queue.add(first);
        queue.addAll(repeated(layer, 8));
        queue.add(last);
        return queue;
    }

    private static List<Integer> repeated(List<Integer> sequence, int times) {
        return Collections.nCopies(times, sequence).stream()
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void layersThatDoNotFillLongerChainsAreChainsOfOne() {
        List<Integer> queue = repeated(LAYER, 7);
        chains.cut(queue);

        assertThat(chains.cut(queue)).isEqualTo(Collections.nCopies(7, LAYER));
    }

    @Test
    void layersAreTheSameWhereverTheyBegin() {
        for (int i = 0; i < 2; i++) {
            chains.cut(queue(8, LAYER, 7));
        }

        List<List<Integer>> pieces = chains.cut(queue(9, LAYER, 5)); // also repeated from the 9 on
        assertThat(pieces).hasSize(6).contains(repeated(LAYER, 2));
    }

    @Test
    void shorterChainsDoNotHideLayers() {
        List<Integer> shorter = List.of(1, 3, 4, 3, 4, 2);
        for (int i = 0; i < 5; i++) {
            chains.cut(shorter);
        }
        assertThat(chains.cut(shorter)).containsExactly(List.of(1), List.of(3, 4, 3, 4), List.of(2));

        chains.cut(queue(8, LAYER, 7));
        assertThat(chains.cut(queue(8, LAYER, 7))).hasSize(6);
    }

    @Test
    void sequencesOfTooFewLaunchesAreLeftAlone() {
        List<Integer> queue = Collections.nCopies(100, 6);
        chains.cut(queue);

        assertThat(chains.cut(queue)).hasSize(100);
    }

    @Test
    void noMoreIsLearnedThanIsCompiled() {
        for (int kernel = 0; kernel < 9; kernel++) {
            List<Integer> queue = repeated(List.of(kernel, 10), 10);
            chains.cut(queue);
            assertThat(chains.cut(queue)).hasSize(kernel < 2 ? 1 : 20);
        }
    }

    @Test
    void anyQueueIsCutInItsOrder() {
        var random = new SplittableRandom(3);
        for (int i = 0; i < 300; i++) {
            List<Integer> layer =
                    random.ints(random.nextInt(1, 12), 0, 3).boxed().toList();
            var queue = new ArrayList<>(repeated(layer, random.nextInt(5)));
            queue.addAll(random.ints(random.nextInt(9), 0, 3).boxed().toList());
            queue.addAll(repeated(layer, random.nextInt(5)));

            List<List<Integer>> pieces = chains.cut(queue);
            assertThat(pieces.stream().flatMap(List::stream).toList()).isEqualTo(queue);
            assertThat(pieces).allSatisfy(piece -> assertThat(piece).hasSizeLessThanOrEqualTo(20));
        }
        assertThat(IntStream.range(0, 3)
                        .mapToObj(k -> repeated(List.of(k, (k + 1) % 3), 5))
                        .map(chains::cut))
                .as("chains were learned")
                .anySatisfy(pieces -> assertThat(pieces).hasSizeLessThan(10));
    }
}
