package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.rl.advantage.RewardHistory;
import org.rlvr4j.rl.filter.ResponseFilter.Use;
import org.rlvr4j.rl.reward.Outcome;
import org.rlvr4j.rl.reward.Visit;

/** Mini-batches of a step: the responses that are learned from, with their advantages, in the order of the groups. */
final class MiniBatches {

    private final List<Batch> byGroup;

    private MiniBatches(List<Batch> byGroup) {
        this.byGroup = byGroup;
    }

    /**
     * Compares the responses of all groups of a step, after the method's filter of responses.
     *
     * @param groups  selected groups
     * @param method  method whose filter of responses and advantage are used
     * @param history statistics of earlier visits, updated by each group if the advantage uses them
     */
    static MiniBatches of(Collection<Group> groups, Method method, RewardHistory history) {
        var compared = new ArrayList<Visit>();
        var uses = new ArrayList<List<Use>>();
        for (Group group : groups) {
            Visit visit = group.visit();
            uses.add(method.responses().of(visit));
            compared.add(compared(visit, uses.getLast()));
        }
        double[][] advantages = method.advantage().of(compared, history);
        var byGroup = new ArrayList<Batch>();
        for (Group group : groups) {
            int g = byGroup.size();
            byGroup.add(learned(group, uses.get(g), advantages[g]));
        }
        return new MiniBatches(byGroup);
    }

    private static Visit compared(Visit visit, List<Use> uses) {
        List<Outcome> outcomes = IntStream.range(0, visit.size())
                .filter(i -> uses.get(i) != Use.DROPPED)
                .mapToObj(visit.outcomes()::get)
                .toList();
        return new Visit(visit.prompt(), outcomes);
    }

    /** The responses of a group that have weight. */
    private static Batch learned(Group group, List<Use> uses, double[] advantages) {
        var completions = new ArrayList<Completion>();
        var learned = DoubleStream.builder();
        int comparedBefore = 0;
        for (int i = 0; i < uses.size(); i++) {
            if (uses.get(i) == Use.LEARNED) {
                completions.add(group.responses().get(i).completion());
                learned.add(advantages[comparedBefore]);
            }
            comparedBefore += uses.get(i) == Use.DROPPED ? 0 : 1;
        }
        return new Batch(completions, learned.build().toArray());
    }

    /**
     * The mini-batches of equally many consecutive groups; one in which nothing is learned from is left out.
     *
     * @param count number of mini-batches, a divisor of the number of groups
     */
    List<Batch> cut(int count) {
        int groups = byGroup.size() / count;
        return IntStream.range(0, count)
                .mapToObj(i -> joined(byGroup.subList(i * groups, (i + 1) * groups)))
                .filter(batch -> !batch.completions().isEmpty())
                .toList();
    }

    /** All responses that are learned from. */
    Batch whole() {
        return joined(byGroup);
    }

    private static Batch joined(List<Batch> batches) {
        return new Batch(
                batches.stream().flatMap(batch -> batch.completions().stream()).toList(),
                batches.stream()
                        .flatMapToDouble(batch -> DoubleStream.of(batch.advantages()))
                        .toArray());
    }
}
