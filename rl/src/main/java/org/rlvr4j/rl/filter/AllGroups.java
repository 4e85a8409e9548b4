package org.rlvr4j.rl.filter;

/** Every group is learned from. */
public record AllGroups() implements Filter {

    @Override
    public String tag() {
        return "ALL";
    }

    @Override
    public boolean keeps(double[] accuracy) {
        return true;
    }
}
