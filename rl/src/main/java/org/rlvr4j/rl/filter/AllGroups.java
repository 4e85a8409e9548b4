package org.rlvr4j.rl.filter;

/** Filter that keeps every group. */
public record AllGroups() implements Filter {

    @Override
    public String tag() {
        return "ALL";
    }

    @Override
    public boolean keeps(double[] accuracy) {
        return true;
    }

    @Override
    public String condition() {
        return "are there";
    }
}
