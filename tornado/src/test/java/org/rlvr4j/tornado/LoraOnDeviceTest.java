package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.checkpoint.Adapters;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.rl.SupervisedTrainer;
import org.rlvr4j.run.files.Sha256;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Adapters beside weights that stay bfloat16: what they learn and generate on the device has the CPU's bits. */
class LoraOnDeviceTest {

    private static final Lora LORA = new Lora(4, 8, List.of("q_proj", "v_proj", "o_proj", "up_proj", "down_proj"), 1);

    @TempDir
    private Path root;

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "BF16"})
    void stepsAdaptersAndCompletionsAreTheCpus(DType cacheType) throws IOException {
        Path checkpoint = root.resolve("checkpoint");
        try (var cpu = new VectorBackend(2)) {
            try (TestModel start = TestModel.of(cpu, 2, false)) {
                Checkpoint.save(start.model(), checkpoint, Safetensors.Dtype.BF16);
            }

            assertThat(Checkpoint.matrixType(checkpoint)).isEqualTo(DType.BF16);
            List<Object> expected = results(cpu, checkpoint, root.resolve("cpu"), cacheType);
            assertThat(results(TestDevice.backend(), checkpoint, root.resolve("device"), cacheType))
                    .as(TestDevice.NAME)
                    .isEqualTo(expected);
        }
    }

    /** Losses, the adapters' file, and tokens with their log-probabilities. */
    private static List<Object> results(Backend backend, Path checkpoint, Path adapters, DType cacheType)
            throws IOException {
        var results = new ArrayList<Object>();
        try (var workspace = new Workspace(backend, DType.F32, true);
                Decoder model = Adapters.create(checkpoint, workspace, LORA);
                var trainer =
                        new SupervisedTrainer(model, LearningRate.constant(1e-2, 0, false), AdamW.withDecay(0.01), 1)) {
            for (int step = 0; step < 3; step++) {
                results.add(trainer.step(TestModel.demonstrations(6, 4)));
            }
            Files.createDirectory(adapters);
            Adapters.save(model, adapters, checkpoint);
            results.add(Sha256.of(adapters.resolve("adapter_model.safetensors")));
            try (var generator = new BatchGenerator(model, 5, List.of(), () -> {}, cacheType)) {
                var prompts = new ArrayList<Prompt>();
                for (Completion demonstration : TestModel.demonstrations(4, 5)) {
                    prompts.add(demonstration.prompt());
                }
                generator.generate(prompts, new Sampling(2, 0.8, 0, 1, 70, 3)).stream()
                        .flatMap(List::stream)
                        .forEach(completion -> {
                            results.add(Arrays.toString(completion.tokens()));
                            results.add(Arrays.toString(completion.logProbs()));
                        });
            }
        }
        return results;
    }
}
