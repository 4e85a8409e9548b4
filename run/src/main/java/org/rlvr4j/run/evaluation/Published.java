package org.rlvr4j.run.evaluation;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Protocol;
import org.rlvr4j.eval.Protocol.Form;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RewardSetting;

/**
 * Published protocol of a suite, which is its default; docs/evaluation.md names the sources.
 *
 * @param protocol how problems are asked, and where answers end
 * @param verifier parts of the reward that judge the answers; null for the mathematics grader
 * @param sampled  whether Avg@k is usual beside the greedy answers
 */
record Published(Protocol protocol, @Nullable List<RewardSetting> verifier, boolean sampled) {

    /** Prompts as they are, judged by their boxes, greedily and sampled: MATH-500, AMC, AIME, and unknown suites. */
    private static final Published BOXED = new Published(Protocol.PLAIN, null, true);

    private static final List<String> GSM8K_VERIFIERS = List.of("number", "strict-match", "flexible-extract");

    /** The protocol of a suite, by its name, or by its problems if they are in GSM8K's own layout. */
    static Published of(Suite suite) {
        boolean isOwnLayout = suite.problems().stream().allMatch(Published::isOfGsm8k);
        if (!isOwnLayout && !suite.name().equals(Suite.GSM8K)) {
            return BOXED;
        }
        return new Published(
                new Protocol(
                        Form.CHAT,
                        isOwnLayout ? QuestionAndAnswer.BEFORE : "",
                        isOwnLayout ? QuestionAndAnswer.AFTER : "",
                        List.of(),
                        QuestionAndAnswer.ENDS),
                Configs.rewards(GSM8K_VERIFIERS),
                false);
    }

    /** Whether a problem is one line of GSM8K's files: a question, and a solution whose last line is {@code #### N}. */
    private static boolean isOfGsm8k(Problem problem) {
        return problem.columns().get("question") instanceof String
                && problem.columns().get("answer") instanceof String answer
                && answer.contains("####");
    }

    /** Frame in which lm-evaluation-harness and lighteval ask questions, and the texts that end an answer in the former. */
    static final class QuestionAndAnswer {

        static final String BEFORE = "Question: ";
        static final String AFTER = "\nAnswer:";
        static final List<String> ENDS = List.of("Question:", "</s>", "<|im_end|>");

        private QuestionAndAnswer() {}
    }
}
