package org.rlvr4j.data;

import java.util.List;
import java.util.random.RandomGenerator;

/** Teacher of generated problems, whose answers a model is warmed up with. */
public interface ProblemTeacher {

    /**
     * The teacher's answer to a problem, which need not be right.
     *
     * @param problem generated problem
     * @param random  source of the teacher's choices
     */
    String demonstration(Problem problem, RandomGenerator random);

    /**
     * The teacher's longest possible answers to a problem, one for each way of answering.
     *
     * @param problem generated problem
     */
    List<String> longestDemonstrations(Problem problem);
}
