package org.rlvr4j.run.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Files as runs leave them: four methods, three seeds, twenty steps, evaluations, samples and a warm-up. */
final class RunFiles {

    static final List<String> METHODS = List.of("GRPO", "DAPO", "GSPO", "DCPO");
    static final int STEPS = 20;

    /** Text of a completion that would end the script's element, or begin another, if it were not escaped. */
    static final String EVIL = "<b>27+18=45;</b></script><script>alert('\"&')</script><!-- ]]> \\boxed{45}";

    private static final int EVERY = 5; // steps from evaluation to evaluation

    private RunFiles() {}

    /** Writes the files into a folder. */
    static Curves write(Path folder, boolean running) {
        var rng = new SplittableRandom(1);
        var runs = new ArrayList<Curves.Run>();
        for (String method : METHODS) {
            for (long seed = 1; seed <= 3; seed++) {
                runs.add(run(folder.resolve(method).resolve("seed-" + seed), method, seed, STEPS, rng));
            }
        }
        Path warmUp = folder.resolve("warm-up.jsonl");
        try (var file = new MetricsFile(warmUp)) {
            for (int step = 1; step <= 50; step++) {
                file.write(Map.of("step", step, "loss", 3.0 / step));
            }
        }
        return new Curves(running, runs, Map.of("sums", warmUp));
    }

    static Curves.Run run(Path folder, String method, long seed, int steps, SplittableRandom rng) {
        var run = new Curves.Run(
                method,
                seed,
                folder.resolve("metrics.jsonl"),
                folder.resolve("timings.jsonl"),
                folder.resolve("evaluations.jsonl"),
                folder.resolve("samples.jsonl"));
        try (var metrics = new MetricsFile(run.metrics());
                var timings = new MetricsFile(run.timings());
                var evaluations = new MetricsFile(run.evaluations());
                var samples = new MetricsFile(run.samples())) {
            for (int step = 0; step <= steps; step++) {
                if (step > 0) {
                    metrics.write(metrics(step, method, rng));
                    timings.write(Map.of(
                            "step",
                            step,
                            "seconds",
                            step * (2 + rng.nextDouble()),
                            "rolloutTokensPerSecond",
                            9000 + 500 * rng.nextDouble(),
                            "updateTokensPerSecond",
                            7000 + 500 * rng.nextDouble()));
                    samples.write(sample(step));
                }
                if (step % EVERY == 0) {
                    evaluations.write(
                            Map.of("step", step, "suite", "sums", "samples", 1, "avg", 0.2 + 0.6 * step / steps));
                    samples.write(evaluated(step));
                }
            }
        }
        return run;
    }

    private static Map<String, Object> metrics(int step, String method, SplittableRandom rng) {
        var map = new LinkedHashMap<String, Object>();
        double share = 1 - Math.exp(-step / 5.0);
        map.put("step", step);
        map.put("reward", share - 0.1 * rng.nextDouble());
        map.put("reward/boxed", share - 0.2 * rng.nextDouble());
        map.put("accuracy", share);
        map.put("loss", 0.01 * rng.nextGaussian());
        map.put("rur", 0.9 + 0.1 * rng.nextDouble());
        map.put("tcr", 2e-3 * rng.nextDouble());
        map.put("clippedLow", 1e-3 * rng.nextDouble());
        map.put("clippedHigh", 1e-3 * rng.nextDouble());
        map.put("ppoKl", 1e-3 * rng.nextDouble());
        map.put("referenceKl", method.equals("GRPO") ? 1e-2 * rng.nextDouble() : Double.NaN);
        map.put("entropy", 0.4 - 0.3 * share + 0.02 * rng.nextDouble());
        map.put("responseLength", 14 + 10 * share);
        map.put("truncated", 0.1 * rng.nextDouble());
        map.put("noContrast", 0.5 * share);
        map.put("gradNorm", 0.5 + rng.nextDouble());
        map.put("learningRate", 5e-5);
        map.put("generatedResponses", 512 * step * (method.equals("DAPO") ? 2 : 1));
        return map;
    }

    private static Map<String, Object> sample(int step) {
        var good = Map.of(
                "text",
                EVIL,
                "tokens",
                17,
                "truncated",
                false,
                "reward",
                1.0,
                "parts",
                Map.of("boxed", 1.0),
                "correct",
                true,
                "answer",
                "45",
                "advantage",
                0.7);
        var bad = Map.of(
                "text", "46", "tokens", 2, "truncated", true, "reward", -1.0, "correct", false, "advantage", -0.7);
        return samples(step, List.of(good, bad));
    }

    private static Map<String, Object> samples(int step, List<Map<String, ?>> completions) {
        var map = new LinkedHashMap<String, Object>();
        map.put("step", step);
        map.put("problem", "sums/27+18=");
        map.put("prompt", "<|im_start|>user\n27+18=<|im_end|>\n");
        map.put("answers", List.of("45"));
        map.put("completions", completions);
        return map;
    }

    private static Map<String, Object> evaluated(int step) {
        var map = new LinkedHashMap<String, Object>(Map.of("evaluation", true, "suite", "sums"));
        map.putAll(samples(
                step,
                List.of(Map.of("text", "step " + step, "tokens", 3, "truncated", false, "correct", step > EVERY))));
        return map;
    }
}
