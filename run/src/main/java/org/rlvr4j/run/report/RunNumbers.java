package org.rlvr4j.run.report;

/**
 * Numbers of a finished run, from which tables are made.
 *
 * @param method             name of the method in the configuration
 * @param seed               seed of the run
 * @param avgAt1             Avg@1 after training, from 0 to 1; unweighted mean over suites
 * @param samples            number k of completions for each problem in Avg@k
 * @param avgAtK             Avg@k after training, from 0 to 1; unweighted mean over sampled suites
 * @param rur                response utilization ratio, mean over steps
 * @param tcr                token clipping ratio, mean over steps
 * @param generatedResponses number of responses that the run generated in all steps
 * @param seconds            seconds of training, including evaluations for the curve
 */
public record RunNumbers(
        String method,
        long seed,
        double avgAt1,
        int samples,
        double avgAtK,
        double rur,
        double tcr,
        long generatedResponses,
        double seconds) {}
