package org.rlvr4j.eval;

import java.util.List;
import org.rlvr4j.data.Problem;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Generator;

/**
 * Path from problems to judged answers, which training and evaluation share.
 *
 * @param generator    source of the completions
 * @param conversation conversion of problems into tokens, and of tokens into text
 * @param verifier     judge of the answers
 */
public record Answering(Generator generator, Conversation conversation, Verifier verifier) {

    /**
     * This path with completions from another generator.
     *
     * @param other generator to take instead
     */
    public Answering with(Generator other) {
        return new Answering(other, conversation, verifier);
    }

    /**
     * Judges a completion of a problem's prompt.
     *
     * @param problem    the problem
     * @param completion completion of its prompt
     */
    public Graded judge(Problem problem, Completion completion) {
        String text = conversation.text(completion.tokens());
        var answer = new Answer(text, completion.tokens(), completion.isTruncated());
        return new Graded(completion, text, verifier.verify(problem, answer));
    }

    /**
     * Judges completions of one problem's prompt on several threads; the verdicts are in the completions' order.
     *
     * @param problem     the problem
     * @param completions completions of its prompt
     */
    public List<Graded> judge(Problem problem, List<Completion> completions) {
        return completions.parallelStream()
                .map(completion -> judge(problem, completion))
                .toList();
    }
}
