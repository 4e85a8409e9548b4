package org.rlvr4j.eval;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.util.CombinatoricsUtils;

/**
 * How a model did on one problem.
 *
 * @param problem  its key
 * @param outcomes of the completions, by sample
 * @param votes    the different answers among them
 */
public record Score(String problem, List<Outcome> outcomes, List<Vote> votes) {

    /**
     * Completions with the same answer.
     *
     * @param size  how many
     * @param right whether the first of them is right
     */
    public record Vote(int size, boolean right) {}

    /**
     * Counts votes. An answer is for the first candidate, in the order of the samples, that the verifier finds to be the
     * same, or else a candidate of its own; a completion without a box does not vote.
     */
    public static Score of(String problem, List<Outcome> outcomes, Verifier verifier) {
        var candidates = new ArrayList<String>();
        var votes = new ArrayList<Vote>();
        for (Outcome outcome : outcomes) {
            outcome.verdict().answer().ifPresent(answer -> {
                int i = 0;
                while (i < candidates.size()
                        && !candidates.get(i).equals(answer)
                        && !verifier.same(answer, candidates.get(i))) {
                    i++;
                }
                if (i == candidates.size()) {
                    candidates.add(answer);
                    votes.add(new Vote(1, outcome.verdict().correct()));
                } else {
                    votes.set(i, new Vote(votes.get(i).size + 1, votes.get(i).right));
                }
            });
        }
        return new Score(problem, List.copyOf(outcomes), List.copyOf(votes));
    }

    /** Share of the completions that are right. */
    public double share() {
        return (double) correct() / outcomes.size();
    }

    private long correct() {
        return outcomes.stream().filter(outcome -> outcome.verdict().correct()).count();
    }

    /**
     * Chance that one or more of k completions are right: unbiased, the mean over all choices of k among the n there are.
     *
     * @see <a href="https://arxiv.org/abs/2107.03374">Chen et al., 2021</a>, equation 1
     */
    public double passAt(int k) {
        double allWrong = 1;
        for (int i = 0; i < k; i++) {
            allWrong *= Math.max(0, (double) (outcomes.size() - correct() - i) / (outcomes.size() - i));
        }
        return 1 - allWrong;
    }

    /**
     * Chance that the majority of k completions is right: the exact mean over all choices of k among the n there are, where
     * candidates with equally many votes win equally often. Nobody wins without a vote.
     */
    public double majAt(int k) {
        double ways = 0;
        for (int winner = 0; winner < votes.size(); winner++) {
            for (int won = 1; votes.get(winner).right && won <= Math.min(k, votes.get(winner).size); won++) {
                double[] ties = tiesAmongOthers(winner, won, k - won);
                for (int others = 0; others < ties.length; others++) {
                    ways += choose(votes.get(winner).size, won) * ties[others] / (others + 1);
                }
            }
        }
        return ways / choose(outcomes.size(), k);
    }

    /**
     * Ways to draw completions of other candidates, none of whom gets more votes than the winner.
     *
     * @param won   votes of the winner
     * @param drawn how many completions are drawn, those without a vote among them
     * @return by the number of candidates that get as many votes as the winner
     */
    private double[] tiesAmongOthers(int winner, int won, int drawn) {
        int most = drawn / won;
        int silent = outcomes.size() - votes.stream().mapToInt(Vote::size).sum();
        double[][] ways = new double[drawn + 1][most + 1]; // by completions drawn so far, and ties
        for (int n = 0; n <= Math.min(silent, drawn); n++) {
            ways[n][0] = choose(silent, n);
        }
        for (int other = 0; other < votes.size(); other++) {
            if (other != winner) {
                ways = withCandidate(ways, votes.get(other).size, won);
            }
        }
        return ways[drawn];
    }

    private static double[][] withCandidate(double[][] before, int size, int won) {
        double[][] ways = new double[before.length][before[0].length];
        for (int votes = 0; votes <= Math.min(size, Math.min(won, before.length - 1)); votes++) {
            double choices = choose(size, votes);
            int tie = votes == won ? 1 : 0;
            for (int n = votes; n < ways.length; n++) {
                for (int ties = tie; ties < ways[n].length; ties++) {
                    ways[n][ties] += choices * before[n - votes][ties - tie];
                }
            }
        }
        return ways;
    }

    private static double choose(int n, int k) {
        return CombinatoricsUtils.binomialCoefficientDouble(n, k);
    }
}
