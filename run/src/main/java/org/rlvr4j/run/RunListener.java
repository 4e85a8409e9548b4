package org.rlvr4j.run;

import java.util.List;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.rl.Trainer;

/**
 * Listener of a training or an evaluation: its methods are called on the working thread, and do nothing unless
 * overridden.
 */
public interface RunListener {

    /** A listener that ignores every event. */
    RunListener SILENT = new RunListener() {};

    /**
     * Name of a run of a training.
     *
     * @param method name of the method in the configuration
     * @param seed   seed of the run
     */
    record Name(String method, long seed) {

        /** The name as text, such as {@code DCPO, seed 1}. */
        @Override
        public String toString() {
            return method + ", seed " + seed;
        }
    }

    /**
     * Piece of work whose progress can be shown; its units are steps or completions.
     *
     * @param label    short description of the work
     * @param finished number of units that were finished before, by a run that is now resumed
     * @param total    number of all units, including finished ones
     */
    record Work(String label, long finished, long total) {}

    /**
     * Called with information for the user.
     *
     * @param sentence the information, in one sentence
     */
    default void message(String sentence) {}

    /**
     * Called with a warning: something works, but not as it should.
     *
     * @param sentence the warning, in one sentence
     */
    default void warned(String sentence) {}

    /**
     * Called when the memory of the work is known, and the machine has enough.
     *
     * @param plan    memory that the work will need, in bytes
     * @param machine memory of the machine
     */
    default void planned(MemoryPlan plan, MachineMemory machine) {}

    /**
     * Part of the unit of work that comes next.
     *
     * @param phase    what is done
     * @param finished finished parts of the phase: responses, tokens of responses, or completions
     * @param total    all parts of the phase
     */
    record Part(Phase phase, long finished, long total) {

        /** Phase of a unit of work. */
        public enum Phase {
            ROLLOUT,
            UPDATE,
            MEASUREMENT
        }
    }

    /**
     * Called when a part of the next step, or of the measurement before it, is finished.
     *
     * @param part the part
     */
    default void advanced(Part part) {}

    /**
     * Called when a piece of work begins; there is never more than one at a time.
     *
     * @param work the piece of work
     */
    default void began(Work work) {}

    /**
     * Called after a step of supervised learning: of the warm-up, or of a fine-tuning.
     *
     * @param step number of the step, counted from 1
     * @param loss mean negative log-likelihood of a token before the step's update, in nats
     */
    default void warmedUp(int step, double loss) {}

    /**
     * Called after the loss of held-back examples was measured in supervised learning.
     *
     * @param step number of steps made before; 0 for the start
     * @param loss mean negative log-likelihood of a learned token, in nats
     */
    default void heldBack(int step, double loss) {}

    /**
     * Called after a step of reinforcement.
     *
     * @param run  name of the run
     * @param step metrics and timings, and the groups with every completion, verdict and reward
     */
    default void stepped(Name run, Trainer.Step step) {}

    /** Called after a completion of an evaluation was generated. */
    default void answered() {}

    /**
     * Called after an evaluation of suites.
     *
     * @param run    name of the run
     * @param step   number of steps made before; 0 for the start
     * @param suites evaluation of each suite, greedy if it has one sample per problem
     */
    default void evaluated(Name run, int step, List<Evaluation> suites) {}

    /**
     * Called when a piece of work has ended, whether it succeeded or failed.
     *
     * @param work the piece of work
     */
    default void ended(Work work) {}
}
