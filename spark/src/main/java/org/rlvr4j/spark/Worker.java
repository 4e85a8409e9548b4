package org.rlvr4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.SparkEnv;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.checkpoint.ConfigFile;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.rl.LocalLearner;
import org.rlvr4j.run.MachineMemory;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorSupport;

/**
 * Worker: the model of this executor, which generates completions and computes gradients. There is one in a virtual machine, and
 * it does one piece of work at a time; its memory lives as long as the executor.
 */
final class Worker {

    private static final long UNKNOWN = -1; // version of weights

    private static final AtomicReference<Worker> CURRENT = new AtomicReference<>();

    private final WorkerSpec spec;
    private final Workspace workspace;
    private final Decoder policy;
    private long version;
    private long frozenVersion;
    private @Nullable Decoder reference;
    private String referenceOf = "";
    private @Nullable BatchGenerator generator;
    private int sequences;

    private Worker(WorkerSpec spec) {
        Machine.here().requireLike(spec.driver(), name());
        requireMemory(spec);
        this.spec = spec;
        Backend backend = VectorSupport.backend(spec.threads(), _ -> {}); // a worker without kernels is refused above
        this.workspace = new Workspace(backend, DType.F32, spec.recompute());
        this.policy = policy();
    }

    private static void requireMemory(WorkerSpec spec) {
        MachineMemory machine = MachineMemory.ofMachine();
        if (machine.bytes() < spec.bytes()) {
            throw new Unfit("the worker " + name() + " has " + machine + " of memory, but needs "
                    + MachineMemory.gigabytes(spec.bytes())
                    + " beside its heap: rlvr4j inspect CONFIG --workers N says what for");
        }
    }

    /** Name of this executor, such as {@code 3 on host}. */
    private static String name() {
        SparkEnv env = SparkEnv.get();
        return env.executorId() + " on " + env.blockManager().blockManagerId().host();
    }

    /**
     * The worker of this virtual machine for a fleet; it is made at the first call.
     *
     * @throws Unfit if this machine cannot compute what the driver would
     */
    static synchronized Worker of(WorkerSpec spec) {
        Worker current = CURRENT.get();
        if (current != null && current.spec.fleet().equals(spec.fleet())) {
            return current;
        }
        if (current != null) {
            current.close();
            CURRENT.set(null);
        }
        var worker = new Worker(spec);
        CURRENT.set(worker);
        return worker;
    }

    private Decoder policy() {
        ModelConfig config = config();
        DType frozen = DType.valueOf(spec.frozenType());
        if (spec.lora() != null) {
            return Decoder.frozen(config, workspace, frozen).adapted(spec.lora().lora(), spec.trains());
        }
        return spec.trains() ? Decoder.trainable(config, workspace) : Decoder.frozen(config, workspace, frozen);
    }

    private ModelConfig config() {
        try {
            Path folder = Files.createTempDirectory("rlvr4j-worker");
            Path file = folder.resolve("config.json");
            Files.writeString(file, spec.shape());
            ModelConfig config = ConfigFile.read(folder);
            Files.delete(file);
            Files.delete(folder);
            return config;
        } catch (IOException e) {
            throw new UncheckedIOException("worker " + name() + " cannot write to its temporary folder", e);
        }
    }

    /** Takes over weights, unless it has them: by their change if it has the version before, and otherwise whole. */
    synchronized void update(Weights frozen, Weights weights) {
        if (frozenVersion != frozen.version()) {
            Buffer base = policy.base().orElseThrow().parameters().weights();
            frozen.fetch(base.segment(), UNKNOWN);
            frozenVersion = frozen.version();
        }
        if (version != weights.version()) {
            long before = version;
            // If a range fails to arrive, those before it have changed, and the next try takes all of them whole.
            version = UNKNOWN;
            weights.fetch(policy.parameters().weights().segment(), before);
            version = weights.version();
        }
    }

    /** Completions of each prompt, in the order of their numbers. */
    synchronized List<List<Completion>> generate(
            List<Prompt> prompts, Wire.SamplingData sampling, int maxSequences, DType cacheType) {
        if (generator == null || sequences != maxSequences) {
            release();
            sequences = maxSequences;
            generator = new BatchGenerator(policy, maxSequences, policy.config().stopTokens(), () -> {}, cacheType);
        }
        return generator.generate(prompts, sampling.sampling());
    }

    /** Frees the memory of keys and values. */
    synchronized void release() {
        if (generator != null) {
            generator.close();
            generator = null;
        }
    }

    /** The learner of a run, whose reference policy has the given weights. */
    private LocalLearner learner(String run, Weights weightsOfReference) {
        RunConfig config = RunConfig.parse(run, Path.of("run.yaml"));
        RunConfig.Training training = config.training();
        return new LocalLearner(
                policy,
                reference(config, weightsOfReference),
                config.methods().getFirst().method().loss(),
                training.microBatchTokens(),
                training.temperature(),
                training.sharePrompts(),
                training.gradientShards());
    }

    private @Nullable Decoder reference(RunConfig config, Weights weights) {
        if (config.methods().getFirst().method().loss().kl().coefficient() == 0) {
            return null;
        }
        if (policy.base().isPresent()) {
            return policy.base().get();
        }
        String of = spec.fleet() + weights.whole().getFirst().id();
        if (reference == null || !referenceOf.equals(of)) {
            if (reference != null) {
                reference.close();
            }
            reference = Decoder.frozen(policy.config(), workspace);
            weights.fetch(reference.parameters().weights().segment(), UNKNOWN);
            referenceOf = of;
        }
        return reference;
    }

    /** Learns shards, and leaves their gradient to be read. */
    synchronized Wire.NotesData learn(Wire.TaskData task, String run, Weights weightsOfReference) {
        return Wire.NotesData.of(learner(run, weightsOfReference).learn(task.task(), _ -> {}));
    }

    /** Scores responses. */
    synchronized Wire.ScoredData scored(Wire.BatchData batch, String run, Weights weightsOfReference) {
        return Wire.ScoredData.of(learner(run, weightsOfReference).scored(batch.batch()));
    }

    /** Ranges of the policy's gradient, one after the other, as bytes. */
    Ranges gradientRanges() {
        return new Ranges(policy.parameters().gradients().segment().byteSize());
    }

    byte[] gradient(int range) {
        return gradientRanges().read(policy.parameters().gradients().segment(), range);
    }

    private void close() {
        release();
        if (reference != null) {
            reference.close();
        }
        policy.close();
        workspace.close();
        workspace.backend().close();
    }
}
