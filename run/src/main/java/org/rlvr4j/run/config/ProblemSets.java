package org.rlvr4j.run.config;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
import java.util.List;
import org.rlvr4j.tensor.Require;

/** Sets of problems that a model is trained and evaluated on. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "from")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ProblemSets.Files.class, name = "files"),
    @JsonSubTypes.Type(value = ProblemSets.Sums.class, name = "sums"),
    @JsonSubTypes.Type(value = ProblemSets.Words.class, name = "words")
})
public sealed interface ProblemSets {

    /**
     * Problem files: Parquet in verl's layout, or JSON Lines.
     *
     * @param training file of the problems to train on
     * @param heldBack files of the problems to evaluate on
     */
    record Files(Path training, List<Path> heldBack) implements ProblemSets {

        /** @throws IllegalArgumentException if there is no file to evaluate on */
        public Files {
            Require.that(!heldBack.isEmpty(), "heldBack must name at least one file to evaluate on");
        }
    }

    /** Generated problems, which have a teacher. */
    sealed interface Generated extends ProblemSets permits Sums, Words {

        /** Number of problems to train on. */
        int training();

        /** Number of problems in each suite to evaluate on. */
        int heldBack();

        /** Number of problems that the teacher answers in the warm-up. */
        int demonstrations();

        private static void requireProblems(int training, int heldBack) {
            Require.that(training > 0, "training must be positive, not " + training);
            Require.that(heldBack > 0, "heldBack must be positive, not " + heldBack);
        }
    }

    /**
     * Generated sums; see {@link org.rlvr4j.data.SumProblems}.
     *
     * @param terms          number of terms of a sum
     * @param least          smallest possible term
     * @param greatest       largest possible term
     * @param workedShare    share of the teacher's answers that go step by step and are right
     * @param wrongShare     share of the teacher's other answers, direct guesses, that are wrong
     * @param wrongBy        largest error of a wrong guess; its smallest error is 1
     * @param training       number of sums to train on
     * @param heldBack       number of sums to evaluate on
     * @param demonstrations number of sums that the teacher answers in the warm-up
     * @param seed           seed of the sums
     */
    record Sums(
            int terms,
            int least,
            int greatest,
            double workedShare,
            double wrongShare,
            int wrongBy,
            int training,
            int heldBack,
            int demonstrations,
            long seed)
            implements Generated {

        /** @throws IllegalArgumentException if there is nothing to train or evaluate on */
        public Sums {
            Generated.requireProblems(training, heldBack);
        }
    }

    /**
     * Generated word problems; see {@link org.rlvr4j.data.WordProblems}. There are two suites to evaluate on: other amounts
     * in the patterns that are trained on, and patterns that are never trained on.
     *
     * @param workedShare    share of the teacher's answers that go step by step and are right
     * @param wrongShare     share of the teacher's other answers, direct guesses, that are wrong
     * @param wrongBy        largest error of a wrong guess; its smallest error is 1
     * @param training       number of problems to train on
     * @param heldBack       number of problems in each suite to evaluate on
     * @param demonstrations number of problems that the teacher answers in the warm-up
     * @param seed           seed of the problems
     */
    record Words(
            double workedShare,
            double wrongShare,
            int wrongBy,
            int training,
            int heldBack,
            int demonstrations,
            long seed)
            implements Generated {

        /** @throws IllegalArgumentException if there is nothing to train or evaluate on */
        public Words {
            Generated.requireProblems(training, heldBack);
        }
    }
}
