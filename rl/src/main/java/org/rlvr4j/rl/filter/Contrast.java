package org.rlvr4j.rl.filter;

import org.rlvr4j.rl.advantage.Moments;

/**
 * DAPO's dynamic sampling: groups in which some responses are correct and some are not, and groups of one.
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
}
