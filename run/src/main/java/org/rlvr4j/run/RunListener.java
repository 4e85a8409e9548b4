package org.rlvr4j.run;

import java.util.List;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.rl.Trainer;

/** Observer of a training: every method is called on the thread that trains, and does nothing unless it is overridden. */
public interface RunListener {

    /** A listener that does not listen. */
    RunListener SILENT = new RunListener() {};

    /**
     * One run of a training.
     *
     * @param method its name in the configuration
     * @param seed   of its random numbers
     */
    record Name(String method, long seed) {

        /** Such as {@code DCPO, seed 1}. */
        @Override
        public String toString() {
            return method + ", seed " + seed;
        }
    }

    /**
     * A piece of work whose end can be waited for.
     *
     * @param label what is done
     * @param done  units that were done before, by a run that is now resumed
     * @param total units of work there are: steps, or completions
     */
    record Work(String label, long done, long total) {}

    /** Says something that a person should know, in one sentence. */
    default void message(String sentence) {}

    /** Says that something works, but not as it should. */
    default void warned(String sentence) {}

    /** The memory that the work will take is known, and there is enough. */
    default void planned(MemoryPlan plan, MachineMemory machine) {}

    /** Work begins; there is never more than one piece at a time. */
    default void began(Work work) {}

    /** A step of the warm-up was made, counted from 1. */
    default void warmedUp(int step, double loss) {}

    /** A step was made: its metrics and timings, and its groups with every completion, verdict and reward. */
    default void stepped(Name run, Trainer.Step step) {}

    /** A completion of an evaluation was generated. */
    default void answered() {}

    /** Suites were evaluated after a step, 0 for the start; greedily if they have one sample each. */
    default void evaluated(Name run, int step, List<Evaluation> suites) {}

    /** Work has ended, whatever its end. */
    default void ended(Work work) {}
}
