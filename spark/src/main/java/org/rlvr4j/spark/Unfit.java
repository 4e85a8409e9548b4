package org.rlvr4j.spark;

/** A worker that cannot take part; the message is one sentence, by which the driver knows it among Spark's own. */
final class Unfit extends IllegalStateException {

    /** What every message begins with, and what stands behind it. */
    static final String BEGIN = "rlvr4j worker: ";

    static final String END = " [end]";

    private static final long serialVersionUID = 1;

    Unfit(String sentence) {
        super(BEGIN + sentence + END);
    }
}
