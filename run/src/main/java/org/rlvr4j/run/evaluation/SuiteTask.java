package org.rlvr4j.run.evaluation;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.eval.Evaluator;
import org.rlvr4j.eval.Protocol;
import org.rlvr4j.eval.ProtocolConversation;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.run.config.RewardSetting;
import org.rlvr4j.run.reward.Rewards;

/**
 * Task of an evaluation: a suite with the protocol by which it is asked and judged.
 *
 * @param suite            problems to answer
 * @param protocol         how they are asked, and where answers end
 * @param verifier         parts of the reward that judge the answers; null for the mathematics grader
 * @param rewards          what these settings are
 * @param conversation     conversation about the problems
 * @param isUsuallySampled whether Avg@k is in the suite's published protocol
 */
record SuiteTask(
        Suite suite,
        Protocol protocol,
        @Nullable List<RewardSetting> verifier,
        Rewards rewards,
        ProtocolConversation conversation,
        boolean isUsuallySampled) {

    /**
     * The task of a suite.
     *
     * @param choice   what is asked for in place of the suite's own protocol
     * @param chosen   verifiers of the choice, one instance for all suites
     * @param examples examples before each problem
     * @param chat     tokenizer and chat template
     * @throws IllegalArgumentException if the answers to a problem cannot be judged, or it is among the examples
     */
    static SuiteTask of(
            Suite suite,
            ProtocolChoice choice,
            Rewards chosen,
            List<Protocol.Example> examples,
            ChatConversation chat) {
        Published own = Published.of(suite);
        Protocol protocol = choice.applied(own.protocol(), examples);
        List<RewardSetting> verifier = choice.verifier() == null ? own.verifier() : choice.verifier();
        Rewards rewards = choice.verifier() == null
                ? Rewards.of(own.verifier(), Thread.currentThread().getContextClassLoader())
                : chosen;
        rewards.check(suite.problems());
        ProtocolChoice.requireOthers(suite, examples);
        return new SuiteTask(
                suite, protocol, verifier, rewards, new ProtocolConversation(chat, protocol), own.sampled());
    }

    /** Checks that a model has positions for all prompts and completions. */
    void requirePositions(int maxNewTokens, int positions) {
        Evaluator.requirePositions(suite, conversation, maxNewTokens, positions);
    }

    /** Prompt of the first problem, as the model reads it. */
    String firstPrompt() {
        return conversation.shown(suite.problems().getFirst());
    }
}
