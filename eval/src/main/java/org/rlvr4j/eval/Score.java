package org.rlvr4j.eval;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.util.CombinatoricsUtils;

/**
 * Score of a model on one problem.
 *
 * @param problem  key of the problem
 * @param outcomes outcomes of the completions, by sample
 * @param votes    votes for each of the different answers
 */
public record Score(String problem, List<Outcome> outcomes, List<Vote> votes) {

    /** Candidate of a completion that does not vote. */
    public static final int NO_VOTE = -1;

    /**
     * Votes for one answer: the completions that give it.
     *
     * @param size  number of these completions
     * @param right whether the first of these completions is right
     */
    public record Vote(int size, boolean right) {}

    /**
     * Counts the votes, as the verifier finds the {@link #candidates}.
     *
     * @param problem  name of the problem
     * @param outcomes outcomes of its completions, in the order of the samples
     * @param verifier decides which answers are the same
     */
    public static Score of(String problem, List<Outcome> outcomes, Verifier verifier) {
        return of(
                problem,
                outcomes,
                candidates(outcomes.stream().map(Outcome::verdict).toList(), verifier));
    }

    /**
     * Counts the votes for candidates that are known.
     *
     * @param problem    name of the problem
     * @param outcomes   outcomes of its completions, in the order of the samples
     * @param candidates number of the candidate that each completion votes for; {@link #NO_VOTE} for none
     * @throws IllegalArgumentException if the numbers are not those of candidates in the order in which they appear
     */
    public static Score of(String problem, List<Outcome> outcomes, int[] candidates) {
        var votes = new ArrayList<Vote>();
        for (int i = 0; i < candidates.length; i++) {
            int candidate = candidates[i];
            if (candidate < NO_VOTE || candidate > votes.size()) {
                throw new IllegalArgumentException("a completion of " + problem + " votes for candidate " + candidate
                        + ", but there are only " + votes.size() + " before it");
            }
            if (candidate == votes.size()) {
                votes.add(new Vote(1, outcomes.get(i).verdict().correct()));
            } else if (candidate != NO_VOTE) {
                votes.set(candidate, new Vote(votes.get(candidate).size + 1, votes.get(candidate).right));
            }
        }
        return new Score(problem, List.copyOf(outcomes), List.copyOf(votes));
    }

    /**
     * The candidate that each completion votes for, numbered in the order in which they appear. An answer votes for the first
     * candidate, in the order of the samples, that the verifier finds to be the same, or else becomes a new candidate; a
     * completion without an answer does not vote.
     *
     * @param verdicts verdicts on the completions, in the order of the samples
     * @param verifier decides which answers are the same
     */
    public static int[] candidates(List<Verdict> verdicts, Verifier verifier) {
        var answers = new ArrayList<String>();
        return verdicts.stream()
                .mapToInt(verdict -> verdict.answer()
                        .map(answer -> candidate(answer, answers, verifier))
                        .orElse(NO_VOTE))
                .toArray();
    }

    private static int candidate(String answer, List<String> answers, Verifier verifier) {
        for (int i = 0; i < answers.size(); i++) {
            if (answers.get(i).equals(answer) || verifier.same(answer, answers.get(i))) {
                return i;
            }
        }
        answers.add(answer);
        return answers.size() - 1;
    }

    /** Share of the completions that are right. */
    public double share() {
        return (double) correct() / outcomes.size();
    }

    private long correct() {
        return outcomes.stream().filter(outcome -> outcome.verdict().correct()).count();
    }

    /**
     * Pass@k: chance that one or more of k completions are right. Unbiased: the mean over all choices of k among all n.
     *
     * @param k number of completions to choose, from 1 to as many as there are
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
     * Maj@k: chance that the majority of k completions is right. It is the exact mean over all choices of k among all n,
     * where candidates with equally many votes win equally often. Nobody wins without a vote.
     *
     * @param k number of completions to choose, from 1 to as many as there are
     */
    public double majAt(int k) {
        double ways = 0;
        for (int winner = 0; winner < votes.size(); winner++) {
            for (int winnerVotes = 1;
                    votes.get(winner).right && winnerVotes <= Math.min(k, votes.get(winner).size);
                    winnerVotes++) {
                double[] waysByTies = tiesAmongOthers(winner, winnerVotes, k - winnerVotes);
                for (int tied = 0; tied < waysByTies.length; tied++) {
                    ways += choose(votes.get(winner).size, winnerVotes) * waysByTies[tied] / (tied + 1);
                }
            }
        }
        return ways / choose(outcomes.size(), k);
    }

    /**
     * Ways to draw completions of the other candidates so that none gets more votes than the winner.
     *
     * @param winner      index of the winner among the candidates
     * @param winnerVotes number of votes of the winner
     * @param drawCount   number of completions to draw, with or without a vote
     * @return number of ways, by the number of candidates that get as many votes as the winner
     */
    private double[] tiesAmongOthers(int winner, int winnerVotes, int drawCount) {
        int maxTies = drawCount / winnerVotes;
        int withoutVote = outcomes.size() - votes.stream().mapToInt(Vote::size).sum();
        double[][] ways = new double[drawCount + 1][maxTies + 1]; // by completions drawn so far, and ties
        for (int n = 0; n <= Math.min(withoutVote, drawCount); n++) {
            ways[n][0] = choose(withoutVote, n);
        }
        for (int other = 0; other < votes.size(); other++) {
            if (other != winner) {
                ways = withCandidate(ways, votes.get(other).size, winnerVotes);
            }
        }
        return ways[drawCount];
    }

    private static double[][] withCandidate(double[][] previous, int size, int winnerVotes) {
        double[][] ways = new double[previous.length][previous[0].length];
        for (int votes = 0; votes <= Math.min(size, Math.min(winnerVotes, previous.length - 1)); votes++) {
            double choices = choose(size, votes);
            int tie = votes == winnerVotes ? 1 : 0;
            for (int n = votes; n < ways.length; n++) {
                for (int ties = tie; ties < ways[n].length; ties++) {
                    ways[n][ties] += choices * previous[n - votes][ties - tie];
                }
            }
        }
        return ways;
    }

    private static double choose(int n, int k) {
        return CombinatoricsUtils.binomialCoefficientDouble(n, k);
    }
}
