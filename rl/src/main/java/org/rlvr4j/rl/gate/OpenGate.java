package org.rlvr4j.rl.gate;

/** Gate that is open: every token learns. */
public record OpenGate() implements Gate {

    @Override
    public String tag() {
        return "NONE";
    }

    @Override
    public Scope scope() {
        return Scope.NOTHING;
    }

    @Override
    public Decision decide(ScoredTokens tokens, Draws draws) {
        return Decision.open(tokens.count());
    }
}
