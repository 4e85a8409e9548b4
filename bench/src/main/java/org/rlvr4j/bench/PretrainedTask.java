package org.rlvr4j.bench;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.IntStream;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;

/**
 * Task of a step of reinforcement learning with a pretrained model: prompts of some sixty tokens, responses that all have the
 * same length, and a reward of every second response. It is that of {@code bench/peers/pretrained_task.py}.
 */
final class PretrainedTask {

    static final int PROMPTS = 16;
    static final int GROUP = 8;
    static final int UPDATES = 2;
    static final int NEW_TOKENS = 24;
    static final int MICRO_BATCH_TOKENS = 4096;

    private static final int PROBLEMS = 64;

    private PretrainedTask() {}

    static List<Problem> problems() {
        return IntStream.range(0, PROBLEMS).mapToObj(PretrainedTask::problem).toList();
    }

    private static Problem problem(int i) {
        int[] terms = {11 + 7 * i % 89, 13 + 5 * i % 83, 17 + 3 * i % 79};
        String question = "What is " + terms[0] + " + " + terms[1] + " + " + terms[2]
                + "? Add step by step, and put the answer in \\boxed{}.";
        return new Problem(
                String.valueOf(i),
                "sums",
                List.of(new Message("user", question)),
                List.of(String.valueOf(IntStream.of(terms).sum())));
    }

    /** A verifier that takes every second answer to a problem for right, so that every group has contrast. */
    static Verifier everySecond() {
        ConcurrentMap<String, Integer> seen = new ConcurrentHashMap<>();
        return (problem, answer) -> Verdict.of(seen.merge(problem.key(), 1, Integer::sum) % 2 == 0);
    }
}
