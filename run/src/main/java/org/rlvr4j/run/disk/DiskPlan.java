package org.rlvr4j.run.disk;

import java.io.File;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.run.config.Demonstrations;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.SupervisedConfig;
import org.rlvr4j.tensor.Parameters;

/**
 * Disk plan: bytes of each purpose that a training has in its output folder, at most, known before it begins.
 *
 * @param start       bytes of the weights that all runs start from, and of the examples' best weights in a warm-up
 * @param checkpoints bytes of the checkpoints to go on from, with one that is being written
 * @param results     bytes of the trained models
 * @param logs        bytes of metrics, samples and reports: an upper bound
 * @param left        bytes that stay when the training has ended
 */
public record DiskPlan(long start, long checkpoints, long results, long logs, long left) {

    private static final int STATES = 3; // of a checkpoint: weights, means and mean squares of gradients
    private static final long HEADER = 1 << 16; // bytes of configuration, manifest and state, beside those by tensor
    private static final long ENTRY = 200; // bytes of a tensor in the header of a file
    private static final long LINES = 1 << 20; // bytes of a run's logs, beside those by step
    private static final long STEP = 1 << 14; // bytes of a step's metrics and events
    private static final long TOKEN = 8; // bytes of a token of a sample, as text

    /**
     * Plan for reinforcement.
     *
     * @param config settings of the training
     * @param shape  shape of the model
     */
    public static DiskPlan of(RunConfig config, ModelConfig shape) {
        RunConfig.Training training = config.training();
        Sizes sizes = Sizes.of(config.model(), shape, training.resultType().dtype(config.model()));
        int runs = config.methods().size() * config.seeds().size();
        long perRun = logs(training);
        boolean saves = training.saveEverySteps() > 0;
        int keep = training.keepCheckpoints();
        int kept = saves ? kept(training.steps(), training.saveEverySteps(), keep == 0 ? 1 : keep + 1) : 0;
        long state = sizes.state() + perRun;
        boolean stays = saves && keep > 0;
        long roundedStart = !stays && sizes.isRounded() ? sizes.result : 0;
        int starts = config.copiesStart() ? config.byStart().size() : 0;
        long startLeft = starts * (roundedStart > 0 ? roundedStart : sizes.exact);
        long logs = 2L * runs * perRun; // the lines, and the report that shows them
        long results = runs * sizes.result;
        return new DiskPlan(
                starts * sizes.exact + (starts > 0 ? roundedStart : 0),
                (saves ? (long) runs * kept + 1 : 0) * state,
                results,
                logs,
                startLeft + (stays ? (long) runs * kept * state : 0) + results + logs);
    }

    /**
     * Plan for supervised learning alone.
     *
     * @param config settings of the training
     * @param shape  shape of the model
     * @param steps  number of steps
     */
    public static DiskPlan of(SupervisedConfig config, ModelConfig shape, int steps) {
        Sizes sizes = Sizes.of(config.model(), shape, config.resultType().dtype(config.model()));
        boolean saves = config.saveEverySteps() > 0;
        int keep = config.keepCheckpoints();
        int kept = saves ? kept(steps, config.saveEverySteps(), Math.max(keep, 1)) : 0;
        long logs = 2 * (LINES + steps * STEP);
        long state = sizes.state() + logs;
        Demonstrations examples = config.training();
        long best = examples.heldBack() != null || examples.heldBackShare() > 0 ? sizes.exact : 0;
        long left = keep > 0 ? kept * state + best : 0;
        return new DiskPlan(2 * best, (saves ? kept + 1 : 0) * state, sizes.result, logs, left + sizes.result + logs);
    }

    private static int kept(int steps, int saveEvery, int keep) {
        return Math.min(Math.ceilDiv(steps, saveEvery), keep);
    }

    private static long logs(RunConfig.Training training) {
        long tokens = training.maxPromptTokens() + (long) training.groupSize() * training.maxNewTokens();
        return LINES + training.steps() * (STEP + training.samplesPerStep() * tokens * TOKEN);
    }

    /**
     * Bytes of a model's folder.
     *
     * @param exact  bytes in single precision
     * @param result bytes as a result is written
     * @param others bytes of all but the weights
     */
    private record Sizes(long exact, long result, long others) {

        static Sizes of(RunConfig.Start start, ModelConfig shape, Safetensors.Dtype dtype) {
            @Nullable Lora lora = start instanceof RunConfig.Start.Checkpoint checkpoint ? checkpoint.lora() : null;
            List<Parameters.Spec> specs = lora == null ? shape.weights() : lora.specs(shape);
            long weights = specs.stream().mapToLong(spec -> spec.shape().size()).sum();
            long others = HEADER + specs.size() * ENTRY + tokenizer(start.tokenizer());
            long exact = Safetensors.Dtype.F32.bytes(weights) + others;
            return new Sizes(exact, lora == null ? dtype.bytes(weights) + others : exact, others);
        }

        /** Bytes of a checkpoint to go on from. */
        long state() {
            return STATES * exact - (STATES - 1) * others;
        }

        boolean isRounded() {
            return result < exact;
        }

        /** Bytes of the texts in the folder of a tokenizer, which are copied beside the weights. */
        private static long tokenizer(Path folder) {
            File[] texts = folder.toFile().listFiles((_, name) -> name.matches(".*\\.(json|jinja|txt)"));
            return texts == null ? 0 : Stream.of(texts).mapToLong(File::length).sum();
        }
    }

    /** Bytes at the peak. */
    public long peak() {
        return start + checkpoints + results + logs;
    }

    /** Bytes of each part at the peak, by its name. */
    public Map<String, Long> parts() {
        var parts = new LinkedHashMap<String, Long>();
        parts.put("start", start);
        parts.put("checkpoints", checkpoints);
        parts.put("results", results);
        parts.put("logs", logs);
        return parts;
    }

    /** One line, such as {@code 4.1 GB: start 0.5, checkpoints 3.2, results 0.3, logs 0.1}. */
    @Override
    public String toString() {
        return parts().entrySet().stream()
                .map(part -> String.format(Locale.ROOT, "%s %.1f", part.getKey(), part.getValue() / 1e9))
                .collect(Collectors.joining(", ", String.format(Locale.ROOT, "%.1f GB: ", peak() / 1e9), ""));
    }
}
