package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.List;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.Graded;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.rl.filter.Filter;
import org.rlvr4j.rl.reward.OverlongShaping;
import org.rlvr4j.rl.reward.Reward;

/** Rollout: problems drawn, answered by the policy and judged, until a step has the groups it needs. */
public final class Rollout {

    private static final int MAX_ROUNDS = 100; // as DAPO's max_num_gen_batches

    private final Answering answering;
    private final Reward reward;
    private final OverlongShaping overlong;
    private final Filter filter;
    private ProblemOrder order;
    private long visits;

    /**
     * @param answering by the policy
     * @param order     in which problems are visited
     * @param method    whose reward, overlong shaping and filter are used
     */
    public Rollout(Answering answering, ProblemOrder order, Method method) {
        this.answering = answering;
        this.order = order;
        this.reward = method.reward();
        this.overlong = method.overlong();
        this.filter = method.filter();
    }

    /**
     * Groups that a step generated.
     *
     * @param kept      the groups to learn from
     * @param generated all groups, those that the filter dropped included
     */
    public record Result(List<Group> kept, List<Group> generated) {

        List<Response> responses() {
            return generated.stream()
                    .flatMap(group -> group.responses().stream())
                    .toList();
        }

        /** Tokens of all responses. */
        long tokens() {
            return responses().stream()
                    .mapToLong(response -> response.completion().length())
                    .sum();
        }
    }

    /** Generates until the filter has left so many groups; what it leaves beyond them is not used. */
    public Result groups(int prompts, Sampling sampling) {
        var kept = new ArrayList<Group>();
        var generated = new ArrayList<Group>();
        for (int round = 0; kept.size() < prompts; round++) {
            if (round == MAX_ROUNDS) {
                throw new IllegalArgumentException("after " + MAX_ROUNDS + " rounds of generation only " + kept.size()
                        + " of " + prompts + " groups have both right and wrong answers; choose other problems");
            }
            for (Group group : generate(order.next(prompts), sampling)) {
                generated.add(group);
                if (filter.keeps(group.accuracy()) && kept.size() < prompts) {
                    kept.add(group);
                }
            }
        }
        return new Result(kept, generated);
    }

    /**
     * How far a rollout has come; a resumed one goes on from there.
     *
     * @param problems where the next draw begins
     * @param visits   prompts so far, which number the streams of random numbers
     */
    public record Place(ProblemOrder.Position problems, long visits) {}

    Place place() {
        return new Place(order.position(), visits);
    }

    void resume(Place place) {
        order = order.at(place.problems());
        visits = place.visits();
    }

    private List<Group> generate(List<Problem> problems, Sampling sampling) {
        var prompts = new ArrayList<Prompt>();
        for (Problem problem : problems) {
            prompts.add(new Prompt(visits++, answering.conversation().prompt(problem)));
        }
        List<List<Completion>> completions = answering.generator().generate(prompts, sampling);
        var groups = new ArrayList<Group>();
        for (int i = 0; i < problems.size(); i++) {
            Problem problem = problems.get(i);
            groups.add(new Group(
                    problem,
                    completions.get(i).stream()
                            .map(completion -> respond(problem, completion))
                            .toList()));
        }
        return groups;
    }

    private Response respond(Problem problem, Completion completion) {
        Graded graded = answering.judge(problem, completion);
        Verdict verdict = graded.verdict();
        double worth = reward.of(verdict.correct(), verdict.answered()) + overlong.penalty(completion.length());
        return new Response(graded, worth);
    }
}
