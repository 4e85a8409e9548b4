package org.rlvr4j.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;

/** A model of test size on some backend, with its workspace. */
record TestModel(Workspace workspace, Decoder model) implements AutoCloseable {

    static final int VOCABULARY = 48;
    static final int STOP = VOCABULARY - 1;

    static TestModel of(Backend backend, int layers, boolean recompute) {
        var config = new ModelConfig(
                ModelConfig.Family.QWEN2,
                32,
                64,
                layers,
                4,
                2,
                8,
                1e-6,
                10_000,
                VOCABULARY,
                true,
                128,
                List.of(STOP),
                null,
                null);
        var workspace = new Workspace(backend, DType.F32, recompute);
        return new TestModel(workspace, Decoder.random(config, workspace, 3));
    }

    /** Completions of random tokens, to be learned. */
    static List<Completion> demonstrations(int count, long seed) {
        var random = new SplittableRandom(seed);
        var demonstrations = new ArrayList<Completion>();
        for (int i = 0; i < count; i++) {
            int[] prompt = random.ints(random.nextInt(3, 9), 0, VOCABULARY).toArray();
            int[] tokens = random.ints(random.nextInt(4, 90), 0, VOCABULARY).toArray();
            demonstrations.add(new Completion(new Prompt(i, prompt), 0, tokens, new float[tokens.length], true));
        }
        return demonstrations;
    }

    @Override
    public void close() {
        model.close();
        workspace.close();
    }
}
