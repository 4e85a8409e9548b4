package org.rlvr4j.rl;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.eval.Grader;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.model.Completion;
import org.rlvr4j.model.Generator;
import org.rlvr4j.model.Prompt;
import org.rlvr4j.model.Sampling;

/** Draws problems, has the policy answer them, and grades the answers, until a step has the groups it needs. */
public final class Rollout {

    private static final int MAX_ROUNDS = 100; // as DAPO's max_num_gen_batches

    private final Generator generator;
    private final Function<Problem, int[]> encode;
    private final Function<int[], String> decode;
    private final Grader grader = new Grader();
    private final RewardScheme scheme;
    private final OverlongShaping overlong;
    private final Filter filter;
    private ProblemOrder order;
    private long visits;

    /**
     * @param encode from a problem to its prompt's tokens
     * @param decode from a completion's tokens to text
     * @param order  in which problems are visited
     */
    public Rollout(
            Generator generator,
            Function<Problem, int[]> encode,
            Function<int[], String> decode,
            ProblemOrder order,
            Method method) {
        this.generator = generator;
        this.encode = encode;
        this.decode = decode;
        this.order = order;
        this.scheme = method.reward();
        this.overlong = method.overlong();
        this.filter = method.filter();
    }

    /**
     * What a step generated.
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
            prompts.add(new Prompt(visits++, encode.apply(problem)));
        }
        List<List<Completion>> completions = generator.generate(prompts, sampling);
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
        Verdict verdict = grader.grade(decode.apply(completion.tokens()), problem.answers());
        double reward = scheme.of(verdict.correct(), verdict.boxed()) + overlong.penalty(completion.length());
        return new Response(completion, verdict, reward);
    }
}
