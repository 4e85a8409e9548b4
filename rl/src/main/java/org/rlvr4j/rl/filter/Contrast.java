package org.rlvr4j.rl.filter;

import org.rlvr4j.rl.advantage.Moments;

/**
 * Filter of DAPO's dynamic sampling: it keeps groups with both correct and wrong responses, and groups of one response.
 *
 * @see <a href="https://arxiv.org/abs/2503.14476">Yu et al., 2025</a>, equation 11
 */
public record Contrast() implements Filter {

    @Override
    public String tag() {
        return "CONTRAST";
    }

    @Override
    public boolean keeps(double[] accuracy) {
        return accuracy.length == 1 || Moments.of(accuracy, 0).std() > 0;
    }

    @Override
    public String condition() {
        return "have both right and wrong answers";
    }
}
