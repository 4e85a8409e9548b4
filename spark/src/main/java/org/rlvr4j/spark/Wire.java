package org.rlvr4j.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.rl.Batch;
import org.rlvr4j.rl.PolicyStatistics;
import org.rlvr4j.rl.ShardTask;
import org.rlvr4j.rl.Shards;
import org.rlvr4j.rl.gate.Draws;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.gate.ScoredTokens;
import org.rlvr4j.tensor.Segments;

/** What travels between the driver and the workers: records of numbers and texts, made of the project's own types and back. */
@SuppressWarnings({"ArrayRecordComponent", "serial"}) // records on the way are not compared; their lists are ArrayLists
final class Wire {

    private Wire() {}

    /** A prompt. */
    record PromptData(long id, int[] tokens) implements Serializable {

        static PromptData of(Prompt prompt) {
            return new PromptData(prompt.id(), prompt.tokens());
        }

        Prompt prompt() {
            return new Prompt(id, tokens);
        }
    }

    /** Settings of sampling. */
    record SamplingData(int samples, double temperature, int topK, double topP, int maxNewTokens, long seed)
            implements Serializable {

        static SamplingData of(Sampling sampling) {
            return new SamplingData(
                    sampling.samples(),
                    sampling.temperature(),
                    sampling.topK(),
                    sampling.topP(),
                    sampling.maxNewTokens(),
                    sampling.seed());
        }

        Sampling sampling() {
            return new Sampling(samples, temperature, topK, topP, maxNewTokens, seed);
        }
    }

    /** A completion, without its prompt. */
    record CompletionData(int prompt, int sample, int[] tokens, float[] logProbs, boolean truncated)
            implements Serializable {

        static CompletionData of(int prompt, Completion completion) {
            return new CompletionData(
                    prompt, completion.sample(), completion.tokens(), completion.logProbs(), completion.isTruncated());
        }

        Completion completion(Prompt of) {
            return new Completion(of, sample, tokens, logProbs, truncated);
        }
    }

    /** Settings of adapters. */
    record LoraData(int rank, double alpha, ArrayList<String> targets, long seed) implements Serializable {

        static LoraData of(Lora lora) {
            return new LoraData(lora.rank(), lora.alpha(), new ArrayList<>(lora.targets()), lora.seed());
        }

        Lora lora() {
            return new Lora(rank, alpha, targets, seed);
        }
    }

    /** Responses with their advantages; a prompt that several have travels once. */
    record BatchData(ArrayList<PromptData> prompts, ArrayList<CompletionData> completions, double[] advantages)
            implements Serializable {

        static BatchData of(Batch batch) {
            Map<Prompt, Integer> places = new LinkedHashMap<>(); // prompts are equal by identity
            var completions = new ArrayList<CompletionData>();
            for (Completion completion : batch.completions()) {
                int place = places.computeIfAbsent(completion.prompt(), _ -> places.size());
                completions.add(CompletionData.of(place, completion));
            }
            var prompts = new ArrayList<PromptData>();
            places.keySet().forEach(prompt -> prompts.add(PromptData.of(prompt)));
            return new BatchData(prompts, completions, batch.advantages());
        }

        Batch batch() {
            List<Prompt> made = prompts.stream().map(PromptData::prompt).toList();
            return new Batch(
                    completions.stream()
                            .map(completion -> completion.completion(made.get(completion.prompt())))
                            .toList(),
                    advantages);
        }
    }

    /** Shards to learn. */
    record TaskData(
            int block,
            BatchData batch,
            int[] from,
            int[] to,
            double[] weights,
            double @Nullable [] share,
            double @Nullable [] penalty,
            long draws)
            implements Serializable {

        static TaskData of(int block, ShardTask task) {
            Gate.Decision decision = task.decision();
            return new TaskData(
                    block,
                    BatchData.of(task.batch()),
                    task.shards().stream().mapToInt(Shards.Shard::from).toArray(),
                    task.shards().stream().mapToInt(Shards.Shard::to).toArray(),
                    task.weights(),
                    decision == null ? null : decision.share(),
                    decision == null ? null : decision.penalty(),
                    task.draws().key());
        }

        ShardTask task() {
            var shards = new ArrayList<Shards.Shard>();
            for (int i = 0; i < from.length; i++) {
                shards.add(new Shards.Shard(from[i], to[i]));
            }
            return new ShardTask(
                    batch.batch(),
                    shards,
                    weights,
                    share == null || penalty == null ? null : new Gate.Decision(share, penalty),
                    new Draws(draws));
        }
    }

    /** What is known of response tokens after they were learned. */
    record NotesData(byte[] clips, double[] loss, double[] logRatio, double[] referenceKl, double[] entropy)
            implements Serializable {

        private static final int LOW = 1;
        private static final int HIGH = 2;
        private static final int DUAL = 4;

        static NotesData of(List<PolicyStatistics.Token> tokens) {
            var clips = new byte[tokens.size()];
            for (int t = 0; t < clips.length; t++) {
                PolicyStatistics.Token token = tokens.get(t);
                clips[t] = (byte) ((token.clippedLow() ? LOW : 0)
                        | (token.clippedHigh() ? HIGH : 0)
                        | (token.dualClipped() ? DUAL : 0));
            }
            return new NotesData(
                    clips,
                    tokens.stream().mapToDouble(PolicyStatistics.Token::loss).toArray(),
                    tokens.stream()
                            .mapToDouble(PolicyStatistics.Token::logRatio)
                            .toArray(),
                    tokens.stream()
                            .mapToDouble(PolicyStatistics.Token::referenceKl)
                            .toArray(),
                    tokens.stream().mapToDouble(PolicyStatistics.Token::entropy).toArray());
        }

        List<PolicyStatistics.Token> tokens() {
            var tokens = new ArrayList<PolicyStatistics.Token>();
            for (int t = 0; t < clips.length; t++) {
                tokens.add(new PolicyStatistics.Token(
                        (clips[t] & LOW) != 0,
                        (clips[t] & HIGH) != 0,
                        (clips[t] & DUAL) != 0,
                        loss[t],
                        logRatio[t],
                        referenceKl[t],
                        entropy[t]));
            }
            return tokens;
        }
    }

    /** Response tokens as a gate sees them. */
    record ScoredData(
            int[] lengths,
            double[] advantages,
            double[] oldLogProbs,
            double[] logProbs,
            double[] entropies,
            boolean[] clipped)
            implements Serializable {

        static ScoredData of(ScoredTokens tokens) {
            Segments responses = tokens.responses();
            var lengths = new int[responses.count()];
            Arrays.setAll(lengths, responses::length);
            return new ScoredData(
                    lengths,
                    tokens.advantages(),
                    tokens.oldLogProbs(),
                    tokens.logProbs(),
                    tokens.entropies(),
                    tokens.clipped());
        }

        ScoredTokens tokens() {
            return new ScoredTokens(Segments.ofLengths(lengths), advantages, oldLogProbs, logProbs, entropies, clipped);
        }
    }
}
