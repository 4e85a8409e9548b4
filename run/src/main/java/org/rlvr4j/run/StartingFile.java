package org.rlvr4j.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Columns;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.run.config.RunConfig;

/**
 * Starting file: a commented configuration for a model, problems and this machine's memory.
 *
 * @param file     file that the configuration will stand in
 * @param model    folder of a checkpoint; null for a small model with random weights
 * @param data     file of the problems to train on; null for generated sums
 * @param heldBack file of the problems to evaluate on; null for those of the training
 * @param reward   kind of reward or Java source file; null for the mathematics grader
 */
public record StartingFile(
        Path file,
        @Nullable Path model,
        @Nullable Path data,
        @Nullable Path heldBack,
        @Nullable String reward) {

    private static final Path SMALL_TOKENIZER = Path.of("configs/tiny-tokenizer");
    private static final double FREE = 0.8; // share of the memory that a plan may take
    private static final int NEW_TOKENS = 512;
    private static final int NEW_TOKENS_OF_SUMS = 32;

    /**
     * Way to train: what is tried until the memory is enough, the fastest first.
     *
     * @param lora            whether adapters are trained in place of all weights
     * @param recompute       whether layers are computed again in the backward pass
     * @param microBatchTokens most tokens of one forward and backward pass
     * @param maxSequences    most sequences that are generated at the same time
     */
    private record Way(boolean lora, boolean recompute, int microBatchTokens, int maxSequences) {

        static final List<Way> ALL = List.of(
                new Way(false, false, 8192, 128),
                new Way(false, false, 2048, 64),
                new Way(false, true, 4096, 64),
                new Way(false, true, 1024, 16),
                new Way(true, false, 4096, 64),
                new Way(true, true, 4096, 32),
                new Way(true, true, 1024, 8));
    }

    /**
     * The text of the file.
     *
     * @param machine memory that the training must fit in
     * @throws IllegalArgumentException     if the model or the problems cannot be used, or no way to train fits
     * @throws java.io.UncheckedIOException if a file cannot be read
     */
    public String text(MachineMemory machine) {
        Path tokenizer = model == null ? SMALL_TOKENIZER : model;
        if (!Files.isDirectory(tokenizer)) {
            throw new IllegalArgumentException(
                    model == null
                            ? "there is no " + SMALL_TOKENIZER + " here; name a checkpoint by --model"
                            : "there is no checkpoint " + model);
        }
        List<Integer> lengths = promptLengths(ChatConversation.load(tokenizer));
        @Nullable ModelConfig shape = model == null ? null : Checkpoint.config(model);
        RuntimeException tooLarge = new IllegalArgumentException("there is no way to train");
        for (Way way : Way.ALL) {
            if (way.lora && model == null) {
                continue;
            }
            String text = text(way, lengths, shape);
            var memory = new MachineMemory((long) (FREE * machine.bytes()));
            RunConfig config = RunConfig.parse(text, file);
            try {
                memory.require(Training.of(config).plan(RunListener.SILENT), config);
                return text;
            } catch (IllegalArgumentException e) {
                tooLarge = e;
            }
        }
        throw tooLarge;
    }

    /** Lengths in tokens of the training problems' prompts, in rising order. */
    private List<Integer> promptLengths(ChatConversation conversation) {
        List<Problem> problems = Wiring.problems(RunConfig.parse(source(), file).problems(), Columns.VERL)
                .training();
        return problems.stream()
                .map(problem -> conversation.prompt(problem).length)
                .sorted()
                .toList();
    }

    /** Methods, model and problems: what must be known before lengths are. */
    private String source() {
        return String.join("\n", head(null)) + "\n";
    }

    private List<String> head(@Nullable Way way) {
        var lines = new ArrayList<String>();
        lines.add("methods: [DCPO] # or GRPO, DAPO, GSPO; several with the command ablate");
        lines.add("model:");
        if (model == null) {
            lines.add("  from: random # a small model that knows nothing; --model takes a checkpoint");
            lines.add("  tokenizer: " + SMALL_TOKENIZER);
        } else {
            lines.add("  from: checkpoint");
            lines.add("  path: " + quoted(model));
            if (way != null && way.lora) {
                lines.add("  lora: { rank: 16, alpha: 32, seed: 1 } # all weights do not fit in this machine's memory");
            }
        }
        lines.add("problems:");
        if (data == null) {
            lines.add("  from: sums # generated; your own: from: files, training: FILE, heldBack: [FILE]");
        } else {
            lines.add("  from: files # Parquet in verl's layout, or JSON Lines");
            lines.add("  training: " + quoted(data));
            lines.add("  heldBack: [" + quoted(heldBack == null ? data : heldBack) + "]"
                    + (heldBack == null ? " # better other problems, to see whether what is learned holds" : ""));
        }
        return lines;
    }

    private String text(Way way, List<Integer> lengths, @Nullable ModelConfig shape) {
        int longest = lengths.getLast();
        int usual = lengths.get((int) (0.99 * (lengths.size() - 1)));
        int limit = longest <= 2 * usual ? longest : usual;
        int positions = shape == null ? 512 : shape.maxPositions();
        int newTokens = Math.min(data == null ? NEW_TOKENS_OF_SUMS : NEW_TOKENS, positions - limit);
        var lines = new ArrayList<String>();
        lines.add("# Written by rlvr4j init for this machine. What is left out has its default; the run writes all"
                + " settings to");
        lines.add("# config.yaml in its output folder, runs/" + name() + ". docs/settings.md explains each.");
        lines.add("");
        lines.addAll(head(way));
        lines.add("");
        if (reward == null) {
            lines.add("# The answer in the last \\boxed{} is judged by the mathematics grader. Others: number, choice,"
                    + " exact,");
            lines.add("# regex, countdown, json, or a class of your own:");
            lines.add("# reward: [{ java: MyReward.java }]");
        } else {
            lines.add(
                    reward.endsWith(".java")
                            ? "reward: [{ java: " + quoted(Path.of(reward)) + " }]"
                            : "reward: [" + reward + "]");
        }
        lines.add("");
        lines.add("training:");
        lines.add("  steps: 50");
        lines.add("  promptsPerStep: " + Math.min(16, lengths.size()) + " # of " + lengths.size() + " problems");
        lines.add("  groupSize: 8 # responses to each prompt, which are compared with one another");
        lines.add("  maxPromptTokens: " + limit + " # the longest prompt has " + longest + ", half have at most "
                + lengths.get(lengths.size() / 2));
        lines.add("  maxNewTokens: " + newTokens + " # a longer response is cut off; see truncated in the report");
        lines.add("  learningRate: " + learningRate(way, shape)
                + " # usual for this size; a tenth of it if the reward collapses");
        lines.add("  microBatchTokens: " + way.microBatchTokens + " # memory, not results");
        lines.add("  maxSequences: " + way.maxSequences + " # memory, not results");
        if (way.recompute) {
            lines.add("  recompute: true # less memory, more time, the same bits");
        }
        lines.add("");
        lines.add("evaluation:");
        lines.add("  samples: 4 # completions per problem of Avg@k");
        lines.add("  everySteps: 10");
        return String.join("\n", lines) + "\n";
    }

    private String name() {
        return String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
    }

    private static String quoted(Path path) {
        String text = path.toString();
        return text.matches("[\\w./-]+")
                ? text
                : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** Learning rate by the number of parameters, ten times as large for adapters: the field's usual values. */
    private static String learningRate(Way way, @Nullable ModelConfig shape) {
        double millions = shape == null
                ? 1
                : 1e-6
                        * shape.weights().stream()
                                .mapToLong(spec -> spec.shape().size())
                                .sum();
        double rate = 1e-6;
        if (millions < 20) {
            rate = 5e-5;
        } else if (millions < 300) {
            rate = 5e-6;
        } else if (millions < 1000) {
            rate = 2e-6;
        }
        return String.format(Locale.ROOT, "%.1e", way.lora ? 10 * rate : rate);
    }
}
