package org.rlvr4j.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.generate.ClosableGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.rl.Batch;
import org.rlvr4j.rl.Learner;
import org.rlvr4j.rl.PolicyLoss;
import org.rlvr4j.rl.PolicyStatistics;
import org.rlvr4j.rl.ShardTask;
import org.rlvr4j.rl.Shards;
import org.rlvr4j.rl.gate.Draws;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.gate.ScoredTokens;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.workers.Workers;
import org.rlvr4j.run.workers.WorkersPlan;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Parameters;

/** Fleet: the driver's side of the workers on a cluster of Spark. */
final class Fleet implements Workers {

    /** Setting: bytes of a gradient up to which the driver collects it from each block and adds them itself. */
    static final String COLLECTED = "spark.rlvr4j.collected";

    private final JavaSparkContext spark;
    private final Decoder policy;
    private final WorkerSpec spec;
    private final Jobs jobs;
    private final long collected;
    private final SentWeights weights;
    private final Weights frozen;
    private Weights referenceWeights = Weights.NONE;

    Fleet(JavaSparkContext spark, Decoder policy, WorkerSpec spec, Jobs jobs) {
        this.spark = spark;
        this.policy = policy;
        this.spec = spec;
        this.jobs = jobs;
        this.collected = spark.getConf().getSizeAsBytes(COLLECTED, WorkersPlan.COLLECTED);
        this.weights = new SentWeights(spark, policy.parameters().weights());
        this.frozen = policy.base()
                .map(base -> SentWeights.once(spark, base.parameters().weights()))
                .orElse(Weights.NONE);
        hello();
    }

    static String newName() {
        return UUID.randomUUID().toString();
    }

    /** Lets every worker make its model, and refuses those that cannot take part. */
    private void hello() {
        WorkerSpec all = spec;
        jobs.run(
                IntStream.range(0, 2 * workers()).boxed().toList(),
                task -> {
                    Worker.of(all);
                    return task;
                },
                _ -> {});
    }

    /** Number of executors that are there now, at least 1. */
    private int workers() {
        return Math.max(1, spark.sc().statusTracker().getExecutorInfos().length - 1); // without the driver
    }

    @Override
    public ClosableGenerator generator(int maxSequences, DType cacheType) {
        return new OnWorkers(maxSequences, cacheType);
    }

    @Override
    public Learner learner(RunConfig run, @Nullable Decoder reference) {
        SentWeights.destroy(referenceWeights);
        referenceWeights = reference == null || policy.base().isPresent()
                ? Weights.NONE
                : SentWeights.once(spark, reference.parameters().weights());
        return new OfRun(
                Configs.write(run),
                run.methods().getFirst().method().loss(),
                run.training().gradientShards(),
                referenceWeights);
    }

    @Override
    public void close() {
        spark.close();
    }

    /** Cuts a list into parts of nearly equal sizes, none of which is empty. */
    private static <T> List<List<T>> cut(List<T> list, int parts) {
        int count = Math.max(1, Math.min(parts, list.size()));
        return IntStream.range(0, count)
                .mapToObj(i -> list.subList(
                        (int) ((long) i * list.size() / count), (int) ((long) (i + 1) * list.size() / count)))
                .toList();
    }

    /** Prompts of a task of generation, and the place of the first among all. */
    private record Prompts(int first, ArrayList<Wire.PromptData> prompts) implements Serializable {}

    /** Completions of a task of generation. */
    private record Completions(int first, ArrayList<Wire.CompletionData> completions) implements Serializable {

        static Completions of(int first, List<List<Completion>> completions) {
            var data = new ArrayList<Wire.CompletionData>();
            for (int p = 0; p < completions.size(); p++) {
                for (Completion completion : completions.get(p)) {
                    data.add(Wire.CompletionData.of(p, completion));
                }
            }
            return new Completions(first, data);
        }
    }

    /** Responses to be scored, and their place among all. */
    private record Scoring(int place, Wire.BatchData batch) implements Serializable {}

    /** Scores of responses, and their place among all. */
    private record Scored(int place, Wire.ScoredData tokens) implements Serializable {}

    /** Generator whose completions come from the workers. */
    private final class OnWorkers implements ClosableGenerator {

        private final int maxSequences;
        private final DType cacheType;

        OnWorkers(int maxSequences, DType cacheType) {
            this.maxSequences = maxSequences;
            this.cacheType = cacheType;
        }

        @Override
        public boolean isExact() {
            return cacheType == DType.F32;
        }

        @Override
        public List<List<Completion>> generate(List<Prompt> prompts, Sampling sampling) {
            List<@Nullable Completion[]> groups = prompts.stream()
                    .map(_ -> new Completion[sampling.samples()])
                    .toList();
            generate(prompts, sampling, (place, completion) -> groups.get(place)[completion.sample()] = completion);
            return groups.stream().map(Arrays::asList).toList();
        }

        @Override
        public void generate(List<Prompt> prompts, Sampling sampling, Consumer<Completion> onCompletion) {
            generate(prompts, sampling, (_, completion) -> onCompletion.accept(completion));
        }

        private void generate(List<Prompt> prompts, Sampling sampling, Placed onCompletion) {
            WorkerSpec all = spec;
            Weights base = frozen;
            Weights present = weights.current();
            var data = Wire.SamplingData.of(sampling);
            int most = maxSequences;
            DType type = cacheType;
            jobs.run(
                    tasks(prompts),
                    task -> {
                        var worker = Worker.of(all);
                        worker.update(base, present);
                        List<Prompt> some = task.prompts().stream()
                                .map(Wire.PromptData::prompt)
                                .toList();
                        return Completions.of(task.first(), worker.generate(some, data, most, type));
                    },
                    results -> results.completions().forEach(completion -> {
                        int place = results.first() + completion.prompt();
                        onCompletion.take(place, completion.completion(prompts.get(place)));
                    }));
        }

        private List<Prompts> tasks(List<Prompt> prompts) {
            var tasks = new ArrayList<Prompts>();
            int first = 0;
            for (List<Prompt> some : cut(prompts, WorkersPlan.TASKS * workers())) {
                tasks.add(new Prompts(
                        first,
                        new ArrayList<>(some.stream().map(Wire.PromptData::of).toList())));
                first += some.size();
            }
            return tasks;
        }

        @Override
        public void close() {
            // a worker keeps its keys and values until it is asked for another number of sequences
        }
    }

    /** Receives a completion and the place of its prompt. */
    @FunctionalInterface
    private interface Placed {

        void take(int place, Completion completion);
    }

    /** Learner of one run. */
    private final class OfRun implements Learner {

        private final String run;
        private final PolicyLoss loss;
        private final int shards;
        private final Weights reference;

        OfRun(String run, PolicyLoss loss, int shards, Weights reference) {
            this.run = run;
            this.loss = loss;
            this.shards = shards;
            this.reference = reference;
        }

        @Override
        public PolicyStatistics learn(Batch miniBatch, double[] weightsOfTokens, Draws draws, IntConsumer learned) {
            Gate.Decision decision =
                    loss.gate().scope() == Gate.Scope.MINI_BATCH ? loss.gate().decide(scored(miniBatch), draws) : null;
            var task = new ShardTask(miniBatch, Shards.of(miniBatch, shards), weightsOfTokens, decision, draws);
            int blocks = WorkersPlan.blocks(shards, workers());
            List<Wire.TaskData> tasks = new ArrayList<>();
            for (ShardTask block : task.blocks(blocks)) {
                tasks.add(Wire.TaskData.of(tasks.size(), block));
            }
            return PolicyStatistics.of(
                    gradientBytes() <= collected ? collected(tasks, learned) : shuffled(tasks, learned));
        }

        private long gradientBytes() {
            return policy.parameters().gradients().segment().byteSize();
        }

        /** Adds the blocks' gradients here, in their order. */
        private List<PolicyStatistics.Token> collected(List<Wire.TaskData> tasks, IntConsumer learned) {
            var blocks = new Gradients.Block[tasks.size()];
            jobs.uninterrupted()
                    .run(tasks, new Gradients.Whole(spec, frozen, weights.current(), run, reference), block -> {
                        blocks[block.block()] = block;
                        learned.accept(block.notes().clips().length);
                    });
            Parameters parameters = begun();
            var ranges = new Ranges(gradientBytes());
            for (int range = 0; range < ranges.count(); range++) {
                int r = range;
                byte[][] parts = Arrays.stream(blocks)
                        .map(block -> block.ranges().get(r))
                        .toArray(byte[][]::new);
                Ranges.write(Ranges.sum(parts), parameters.gradients().segment(), range);
            }
            return Arrays.stream(blocks)
                    .flatMap(block -> block.notes().tokens().stream())
                    .toList();
        }

        private Parameters begun() {
            policy.parameters().beginGrads();
            return policy.parameters();
        }

        /** Lets the workers add the blocks' gradients, range by range, through a shuffle. */
        private List<PolicyStatistics.Token> shuffled(List<Wire.TaskData> tasks, IntConsumer learned) {
            var ranges = new Ranges(gradientBytes());
            JavaPairRDD<Integer, Gradients.Part> parts = spark.parallelize(tasks, tasks.size())
                    .flatMapToPair(new Gradients.OfBlock(spec, frozen, weights.current(), run, reference));
            JavaRDD<Gradients.Sum> sums = parts.groupByKey(ranges.count() + 1).map(Gradients::sum);
            var notes = new ArrayList<PolicyStatistics.Token>();
            Parameters parameters = begun();
            jobs.uninterrupted().run(sums, sum -> sum, sum -> {
                if (sum.range() == Gradients.NOTES) {
                    sum.notes().forEach(block -> notes.addAll(block.tokens()));
                    learned.accept(notes.size());
                } else {
                    Ranges.write(sum.bytes(), parameters.gradients().segment(), sum.range());
                }
            });
            return notes;
        }

        private ScoredTokens scored(Batch batch) {
            WorkerSpec all = spec;
            Weights base = frozen;
            Weights present = weights.current();
            Weights ofReference = reference;
            String yaml = run;
            List<Shards.Shard> parts = Shards.of(batch, Integer.highestOneBit(2 * WorkersPlan.TASKS * workers() - 1));
            var tasks = new ArrayList<Scoring>();
            for (Shards.Shard part : parts) {
                if (part.from() < part.to()) {
                    tasks.add(new Scoring(tasks.size(), Wire.BatchData.of(batch.slice(part.from(), part.to()))));
                }
            }
            var scored = new ScoredTokens[tasks.size()];
            jobs.uninterrupted()
                    .run(
                            tasks,
                            task -> {
                                var worker = Worker.of(all);
                                worker.update(base, present);
                                return new Scored(task.place(), worker.scored(task.batch(), yaml, ofReference));
                            },
                            result -> scored[result.place()] = result.tokens().tokens());
            return ScoredTokens.joined(Arrays.asList(scored));
        }

        @Override
        public Scores score(Batch batch) {
            ScoredTokens tokens = scored(batch);
            return new Scores(tokens.logProbs(), tokens.entropies());
        }
    }
}
