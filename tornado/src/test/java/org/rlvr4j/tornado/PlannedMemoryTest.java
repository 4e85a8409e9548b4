package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.rl.SupervisedTrainer;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tornado.places.Bank;
import org.rlvr4j.tornado.places.Ranges;

/** Devices with the memory that was planned, and no more. */
class PlannedMemoryTest {

    /** In which there is no room for a copy of these weights in single precision. */
    @Test
    void adaptersBesideWeightsInBfloat16AreTrainedInThePlannedMemory() {
        var config = config(65_536, 512, 1024, 2, 8, 2, 64);
        var lora = new Lora(4, 8, List.of("q_proj", "v_proj"), 1);
        var load = new MemoryPlan.Load(128, 128, false, false, List.of(), List.of());
        MemoryPlan plan = MemoryPlan.of(config, load, lora, DType.BF16);
        var shown = new Completion(new Prompt(0, new int[] {5, 7}), 0, new int[] {1, 2, 3}, new float[3], true);
        assertThat(plan.onDevice().of(Role.WEIGHTS)).isLessThan(5 * plan.weights() / 2);

        try (TornadoBackend backend = TestDevice.open(plan.onDevice());
                var workspace = new Workspace(backend, DType.F32, false, plan.activations());
                Decoder model = Decoder.frozen(config, workspace, DType.BF16).adapted(lora, true);
                var trainer =
                        new SupervisedTrainer(model, LearningRate.constant(1e-3, 0, false), AdamW.withDecay(0), 1)) {
            assertThat(trainer.step(List.of(shown))).isFinite();
            long taken = backend.deviceMemory().banks().of(List.of(Role.WEIGHTS)).stream()
                    .mapToLong(bank -> bank.range().length() - bank.free().size())
                    .sum();
            assertThat(taken * Float.BYTES).isBetween(plan.weights(), plan.weights() + (2 << 20));
        }
    }

    /** All arrays of a real model's training: their last numbers are reached, and the host holds no image of them. */
    @ParameterizedTest
    @CsvSource({"1536, 8960, 28, 12, 2, 128, false", "3584, 18944, 28, 28, 4, 128, true"})
    void arraysForModelsOfRealSizesAreMade(
            int hidden, int mlp, int layers, int heads, int keyValueHeads, int headSize, boolean adapted) {
        assumeThat(TestDevice.NAME)
                .as("PoCL and the emulated device take memory when it is touched")
                .containsAnyOf("pthread", "Emulated");
        ModelConfig config = config(151_936, hidden, mlp, layers, heads, keyValueHeads, headSize);
        var load = new MemoryPlan.Load(4096, 65_536, true, false, List.of(), List.of());
        DevicePlan plan = (adapted
                        ? MemoryPlan.of(config, load, new Lora(64, 128, List.of("q_proj", "v_proj"), 1), DType.BF16)
                        : MemoryPlan.of(config, load))
                .onDevice();
        assertThat(plan.of(Role.WEIGHTS))
                .isBetween(adapted ? 14_000_000_000L : 6_100_000_000L, adapted ? 16_000_000_000L : 7_000_000_000L);

        try (TornadoBackend backend = TestDevice.openHowever(plan)) {
            DeviceMemory memory = backend.deviceMemory();
            for (Role role : Role.values()) {
                List<Bank> banks = memory.banks().of(List.of(role));
                var lasts = new ArrayList<TensorArena>(); // each with a block of its own
                try (var rest = new TensorArena(DType.F32, memory, role)) {
                    banks.forEach(bank -> rest.allocate(bank.free().longest() - (1 << 18)));
                    for (int i = 0; i < banks.size(); i++) {
                        lasts.add(new TensorArena(DType.F32, memory, role));
                        Buffer end = lasts.getLast().allocate(1 << 18);
                        Ranges.Range range = memory.range(end.segment());
                        assertThat(memory.banks().at(range.start()).range().end() - range.end())
                                .isLessThan(64);
                        end.set(end.length() - 1, 3);
                        backend.addTo(end, end);
                        assertThat(end.get(end.length() - 1)).isEqualTo(6);
                    }
                    lasts.forEach(TensorArena::close);
                }
            }
        }
    }

    private static ModelConfig config(
            int vocabulary, int hidden, int mlp, int layers, int heads, int keyValueHeads, int headSize) {
        return new ModelConfig(
                ModelConfig.Family.QWEN2,
                hidden,
                mlp,
                layers,
                heads,
                keyValueHeads,
                headSize,
                1e-6,
                1e6,
                vocabulary,
                true,
                4096,
                List.of(),
                null,
                null);
    }
}
