package org.rlvr4j.rl;

/** Numbers that tell how a step went. */
public final class Metrics {

    private Metrics() {}

    /**
     * RUR: the share of all generated responses that the policy learns from (DCPO, equation 10).
     *
     * @param advantages of the responses of the update; zero teaches nothing
     * @param generated  how many responses were generated for it, those of dropped groups included
     */
    public static double responseUtilizationRatio(double[] advantages, int generated) {
        long used = 0;
        for (double advantage : advantages) {
            used += advantage != 0 ? 1 : 0;
        }
        return (double) used / generated;
    }
}
