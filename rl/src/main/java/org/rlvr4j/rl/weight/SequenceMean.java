package org.rlvr4j.rl.weight;

/** Weight of a mean over the tokens of a response, then over responses (GRPO, GSPO). */
public record SequenceMean() implements Weight {

    @Override
    public String tag() {
        return "SEQUENCE_MEAN";
    }

    @Override
    public double factor(int length, Totals totals) {
        return 1.0 / length / totals.responses();
    }
}
