package org.rlvr4j.run.supervised;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.rlvr4j.data.Example;
import org.rlvr4j.data.Examples;
import org.rlvr4j.eval.Demonstration;
import org.rlvr4j.eval.DemonstrationEncoder;
import org.rlvr4j.eval.PromptSettings;
import org.rlvr4j.run.config.Demonstrations;
import org.rlvr4j.run.files.Sha256;

/**
 * Demonstrations of a training, read from its files and encoded, without those that are too long.
 *
 * @param training demonstrations to learn
 * @param heldBack demonstrations whose loss is measured; empty if there are none
 */
public record DemonstrationSets(List<Demonstration> training, List<Demonstration> heldBack) {

    public DemonstrationSets {
        training = List.copyOf(training);
        heldBack = List.copyOf(heldBack);
    }

    /**
     * Reads and encodes the examples of a training.
     *
     * @param settings  files, shares and lengths
     * @param section   name of the settings' group, for messages
     * @param tokenizer folder of the tokenizer and the chat template
     * @param prompt    settings of the conversations' prompts
     * @param positions largest number of tokens that the model has positions for
     * @param messages  receives a sentence for what is left out
     * @throws IllegalArgumentException if a file or an example cannot be used, or none is short enough
     */
    public static DemonstrationSets of(
            Demonstrations settings,
            String section,
            Path tokenizer,
            PromptSettings prompt,
            int positions,
            Consumer<String> messages) {
        var reader = new Reader(
                DemonstrationEncoder.load(tokenizer, prompt),
                section,
                Math.min(settings.maxTokens(), positions),
                messages);
        List<Demonstration> all = reader.read(settings.demonstrations());
        if (settings.heldBack() != null) {
            return new DemonstrationSets(all, reader.read(settings.heldBack()));
        }
        if (settings.heldBackShare() == 0) {
            return new DemonstrationSets(all, List.of());
        }
        var shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, new SplittableRandom(settings.seed()));
        int count = Math.max(1, (int) Math.round(settings.heldBackShare() * all.size()));
        if (count >= all.size()) {
            throw new IllegalArgumentException(section + ".heldBackShare " + settings.heldBackShare()
                    + " leaves none of " + all.size() + " examples to learn from; lower it, or give more examples");
        }
        return new DemonstrationSets(shuffled.subList(count, shuffled.size()), shuffled.subList(0, count));
    }

    /** Reader of the examples of a file. */
    private record Reader(DemonstrationEncoder encoder, String section, int maxTokens, Consumer<String> messages) {

        List<Demonstration> read(Path file) {
            List<Example> examples = Examples.load(file);
            long turns = examples.stream().filter(encoder::leavesTurns).count();
            if (turns > 0) {
                messages.accept("of " + turns + " of " + examples.size() + " examples in " + file
                        + " only the assistant's last turn is learned: the chat template has no {% generation"
                        + " %} marks");
            }
            List<Demonstration> all = examples.stream().map(encoder::encode).toList();
            List<Demonstration> fitting =
                    all.stream().filter(one -> one.length() <= maxTokens).toList();
            if (fitting.isEmpty()) {
                int shortest =
                        all.stream().mapToInt(Demonstration::length).min().orElse(0);
                throw new IllegalArgumentException("no example in " + file + " has at most " + maxTokens
                        + " tokens: the shortest has " + shortest + ", so raise " + section
                        + ".maxTokens, or take a model with more positions");
            }
            int tooLong = all.size() - fitting.size();
            if (tooLong > 0) {
                messages.accept(
                        tooLong + " of " + all.size() + " examples in " + file + " are left out: they are longer than "
                                + maxTokens + " tokens (" + section + ".maxTokens, and the model's positions)");
            }
            return fitting;
        }
    }

    /** Length in tokens of the longest demonstration. */
    public int longest() {
        return Stream.concat(training.stream(), heldBack.stream())
                .mapToInt(Demonstration::length)
                .max()
                .orElse(0);
    }

    /**
     * Tokens of the largest possible batch.
     *
     * @param batchSize number of demonstrations of a batch
     */
    public long largestBatch(int batchSize) {
        return training.stream()
                .map(Demonstration::length)
                .sorted(Comparator.reverseOrder())
                .limit(batchSize)
                .mapToLong(Integer::longValue)
                .sum();
    }

    /**
     * Tokens of the largest possible pass.
     *
     * @param settings sizes of batches and passes
     */
    public int largestPass(Demonstrations settings) {
        long together = Math.max(
                largestBatch(settings.batchSize()),
                heldBack.stream().mapToLong(Demonstration::length).sum());
        return (int) Math.min(Math.max(settings.microBatchTokens(), longest()), together);
    }

    /** Digest of all tokens and of which are learned: SHA-256, equal for equal demonstrations. */
    public String digest() {
        var text = new StringBuilder();
        for (List<Demonstration> set : List.of(training, heldBack)) {
            set.forEach(one -> text.append(Sha256.of(Arrays.toString(one.tokens()) + Arrays.toString(one.learned()))));
            text.append('\n');
        }
        return Sha256.of(text.toString());
    }
}
