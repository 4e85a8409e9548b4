package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.rl.reward.Outcome;
import org.rlvr4j.rl.reward.Visit;
import org.rlvr4j.tensor.Require;

/**
 * Rollout: draws problems, lets the policy answer them and judges the answers, until a step has the groups it needs.
 */
public final class Rollout {

    private static final int MAX_ROUNDS = 100; // as in DAPO's max_num_gen_batches

    private final Answering answering;
    private final Method method;
    private ProblemOrder order;
    private long visits;
    private final SortedMap<String, Integer> resting = new TreeMap<>(); // draws to pass over, by the problem's key

    /**
     * @param answering generation and grading of the policy's answers
     * @param order     order of the problems, from its current position
     * @param method    method whose reward, shaping by length, curriculum and filter are used
     * @throws IllegalArgumentException if choices of the method cannot be combined, or the generator's log-probabilities
     *                                  are not the policy's to the last bit
     */
    public Rollout(Answering answering, ProblemOrder order, Method method) {
        Require.that(
                answering.generator().isExact(),
                "the generator's log-probabilities are not those of the training forward, which has to compute them"
                        + " again: make a ScoredGenerator of it");
        this.answering = answering;
        this.order = order;
        this.method = method.checked();
    }

    /**
     * Result of a rollout: the groups of one step.
     *
     * @param selected  groups to learn from, as many as were asked for
     * @param generated all groups in the order of generation, including those that the filter dropped
     */
    public record Result(List<Group> selected, List<Group> generated) {

        /** Responses of all generated groups. */
        List<Response> responses() {
            return generated.stream()
                    .flatMap(group -> group.responses().stream())
                    .toList();
        }

        /** Mean of each part of the reward by its name, over the responses that have it; empty if there are no parts. */
        SortedMap<String, Double> parts() {
            return responses().stream()
                    .flatMap(response -> response.verdict().parts().entrySet().stream())
                    .collect(Collectors.groupingBy(
                            Map.Entry::getKey, TreeMap::new, Collectors.averagingDouble(Map.Entry::getValue)));
        }

        /** Number of tokens of all generated responses, without prompts. */
        long tokens() {
            return responses().stream()
                    .mapToLong(response -> response.completion().length())
                    .sum();
        }
    }

    /**
     * Generates groups until the filter has accepted enough; accepted groups beyond that number are not used.
     *
     * @param prompts  number of groups to select, and of prompts in each round of generation
     * @param sampling group size, temperature, length limit and seed
     * @throws IllegalArgumentException if 100 rounds have not given enough groups
     */
    public Result groups(int prompts, Sampling sampling) {
        return groups(prompts, sampling, StepWatch.NONE);
    }

    Result groups(int prompts, Sampling sampling, StepWatch watch) {
        var selected = new ArrayList<Group>();
        var generated = new ArrayList<Group>();
        for (int round = 0; selected.size() < prompts; round++) {
            if (round == MAX_ROUNDS) {
                throw new IllegalArgumentException("after " + MAX_ROUNDS + " rounds of generation only "
                        + selected.size() + " of " + prompts
                        + " groups " + method.filter().condition() + "; choose other problems"
                        + (isAnyRight(generated)
                                ? ""
                                : ", or another reward: no response counted as right, which is all that this filter"
                                        + " looks at, and a reward that is a number counts from 1 on"));
            }
            long before = (long) generated.size() * sampling.samples();
            for (Group group : generate(draw(prompts), sampling, before, watch)) {
                generated.add(group);
                Visit visit = group.visit();
                rest(visit);
                if (method.filter().keeps(visit.accuracy()) && selected.size() < prompts) {
                    selected.add(group);
                }
            }
        }
        return new Result(selected, generated);
    }

    private static boolean isAnyRight(List<Group> groups) {
        return groups.stream()
                .anyMatch(group -> group.visit().outcomes().stream().anyMatch(Outcome::correct));
    }

    /**
     * Place of a rollout in its order of problems, from which a resumed rollout continues.
     *
     * @param problems position of the next problem to draw
     * @param visits   number of prompts so far; it is the id of the next prompt, which selects its stream of random
     *                 numbers
     * @param resting  number of draws for which the curriculum passes over a problem, by the problem's key
     */
    public record Place(ProblemOrder.Position problems, long visits, SortedMap<String, Integer> resting) {

        public Place {
            resting = Collections.unmodifiableSortedMap(new TreeMap<>(resting));
        }
    }

    Place place() {
        return new Place(order.position(), visits, resting);
    }

    void resume(Place place) {
        order = order.at(place.problems());
        visits = place.visits();
        resting.clear();
        resting.putAll(place.resting());
    }

    /** Draws problems, and passes over those that rest. */
    private List<Problem> draw(int count) {
        var drawn = new ArrayList<Problem>();
        while (drawn.size() < count) {
            for (Problem problem : order.next(count - drawn.size())) {
                if (resting.containsKey(problem.key())) {
                    resting.computeIfPresent(problem.key(), (_, left) -> left > 1 ? left - 1 : null);
                } else {
                    drawn.add(problem);
                }
            }
        }
        return drawn;
    }

    private void rest(Visit visit) {
        int draws = method.curriculum().restAfter(visit);
        if (draws > 0) {
            resting.put(visit.prompt(), draws);
        }
    }

    private List<Group> generate(List<Problem> problems, Sampling sampling, long before, StepWatch watch) {
        long firstId = visits;
        var prompts = new ArrayList<Prompt>();
        for (Problem problem : problems) {
            prompts.add(new Prompt(visits++, answering.conversation().prompt(problem)));
        }
        long total = before + (long) problems.size() * sampling.samples();
        var finished = new AtomicLong(before);
        List<List<Completion>> completions =
                problems.stream().<List<Completion>>map(_ -> new ArrayList<>()).toList();
        answering.generator().generate(prompts, sampling, completion -> {
            completions.get(Math.toIntExact(completion.prompt().id() - firstId)).add(completion);
            watch.advanced(new StepWatch.Progress(StepWatch.Phase.ROLLOUT, finished.incrementAndGet(), total, 0));
        });
        var groups = new ArrayList<Group>();
        for (int i = 0; i < problems.size(); i++) {
            completions.get(i).sort(Comparator.comparingInt(Completion::sample)); // they ended in any order
            groups.add(new Group(
                    problems.get(i),
                    answering.judge(problems.get(i), completions.get(i)).stream()
                            .map(graded -> Response.of(graded, method))
                            .toList()));
        }
        return groups;
    }
}
