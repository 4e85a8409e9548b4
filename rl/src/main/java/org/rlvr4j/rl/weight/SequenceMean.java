package org.rlvr4j.rl.weight;

/** Mean over the tokens of a response, then over responses (GRPO, GSPO). */
public record SequenceMean() implements Weight {

    @Override
    public String tag() {
        return "SEQUENCE_MEAN";
    }

    @Override
    public double share(int length, Totals whole) {
        return 1.0 / length / whole.responses();
    }
}
