package org.rlvr4j.tornado.chains;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Chains: sequences of launches that are run as one, learned from queues in which they are repeated.
 *
 * <p>A model's layers launch the same kernels in the same order, layer after layer. So a sequence that follows itself in a
 * queue is a layer, or several, whatever the model, the sizes and the direction are; when it was seen often enough, it
 * becomes a chain. A launch is known by a number, which stands for the kernel and its arrays.
 */
public final class Chains {

    /**
     * Limits of what is learned.
     *
     * @param shortest fewest launches of a sequence that becomes a chain, or several of which do
     * @param longest  most launches of a chain
     * @param often    repetitions of a sequence after which it is worth a chain
     * @param total    most launches of all chains together, each of which is compiled
     */
    public record Limits(int shortest, int longest, int often, int total) {}

    private static final int MOST_SEEN = 1000; // sequences whose repetitions are counted at a time

    private final Limits limits;
    private final List<List<Integer>> known = new ArrayList<>(); // the longest first
    private final Map<List<Integer>, Integer> seen = new HashMap<>();
    private int total;

    public Chains(Limits limits) {
        this.limits = limits;
    }

    /**
     * A sequence that follows itself.
     *
     * @param length launches of the sequence
     * @param times  how often it stands in a row
     */
    private record Repeat(int length, int times) {

        int end(int start) {
            return start + length * times;
        }
    }

    /** Cuts a queue into pieces, in its order: a chain where one is known, and single launches elsewhere. */
    public List<List<Integer>> cut(List<Integer> queue) {
        var pieces = new ArrayList<List<Integer>>();
        int studied = 0; // launches of which it is known how they are repeated
        for (int i = 0; i < queue.size(); i += pieces.getLast().size()) {
            if (i >= studied) {
                studied = study(queue, i);
            }
            pieces.add(at(queue, i));
        }
        return pieces;
    }

    /** The longest chain that begins at a place of the queue, or else the launch there alone. */
    private List<Integer> at(List<Integer> queue, int start) {
        for (List<Integer> chain : known) {
            int end = start + chain.size();
            if (end <= queue.size() && queue.subList(start, end).equals(chain)) {
                return chain;
            }
        }
        return List.of(queue.get(start));
    }

    /** Counts how often a sequence is repeated from a place of the queue on, and returns the place behind it. */
    private int study(List<Integer> queue, int start) {
        Repeat repeat = repeat(queue, start);
        if (repeat.times > 1 && repeat.length >= limits.shortest && !isChainNear(queue, start, repeat.length)) {
            if (seen.size() >= MOST_SEEN) {
                seen.clear();
            }
            List<Integer> sequence = List.copyOf(queue.subList(start, start + repeat.length));
            if (seen.merge(sequence, repeat.times, Integer::sum) >= limits.often) {
                learn(sequence, repeat.times);
            }
        }
        return repeat.end(start);
    }

    /** The repetition that covers most of the queue from a place on; the launch there, once, if there is none. */
    private Repeat repeat(List<Integer> queue, int start) {
        var best = new Repeat(1, 1);
        for (int length = 1; length <= limits.longest && start + 2 * length <= queue.size(); length++) {
            int same = 0;
            while (start + length + same < queue.size()
                    && queue.get(start + same).equals(queue.get(start + length + same))) {
                same++;
            }
            var repeat = new Repeat(length, 1 + same / length);
            if (repeat.times > 1 && repeat.end(0) > best.end(0)) {
                best = repeat;
            }
        }
        return best;
    }

    /** Whether a chain at least as long begins within a repeated sequence: it would be the same one, begun elsewhere. */
    private boolean isChainNear(List<Integer> queue, int start, int length) {
        return IntStream.range(start, start + length)
                .anyMatch(place -> at(queue, place).size() >= length);
    }

    /** Makes a chain of as many repetitions as leave the fewest pieces, if there is room for it. */
    private void learn(List<Integer> sequence, int times) {
        int length = sequence.size();
        int best = 1;
        for (int together = 2; together <= times && together * length <= limits.longest; together++) {
            if (pieces(length, times, together) < pieces(length, times, best)) {
                best = together;
            }
        }
        List<Integer> chain = Collections.nCopies(best, sequence).stream()
                .flatMap(List::stream)
                .toList();
        if (total + chain.size() <= limits.total) {
            total += chain.size();
            known.add(chain);
            known.sort((a, b) -> Integer.compare(b.size(), a.size()));
            seen.remove(sequence);
        }
    }

    private static int pieces(int length, int times, int together) {
        return times / together + times % together * length;
    }
}
