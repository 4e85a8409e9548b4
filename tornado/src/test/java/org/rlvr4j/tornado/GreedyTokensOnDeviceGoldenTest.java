package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Golden;
import org.rlvr4j.tensor.Workspace;

/** Greedy decoding on the device against Transformers. */
class GreedyTokensOnDeviceGoldenTest {

    static Stream<Path> checkpoints() throws IOException {
        return Golden.checkpoints().stream();
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void greedyTokensAreIdentical(Path folder) {
        try (var workspace = new Workspace(TestDevice.backend(), DType.F32);
                Decoder model = Checkpoint.load(folder, workspace, false);
                Safetensors golden = Safetensors.open(folder.resolve("golden.safetensors"));
                var generator = new BatchGenerator(model, 3, Set.of())) {
            var prompts = new ArrayList<Prompt>();
            for (int s = 0; golden.names().contains("seq" + s + ".input_ids"); s++) {
                prompts.add(new Prompt(s, ints(golden.readInts("seq" + s + ".input_ids"))));
            }

            List<List<Completion>> completions = generator.generate(prompts, Sampling.greedy(64));

            for (int s = 0; s < prompts.size(); s++) {
                assertThat(completions.get(s).getFirst().tokens())
                        .as("sequence %d on %s", s, TestDevice.NAME)
                        .isEqualTo(ints(golden.readInts("seq" + s + ".greedy64")));
            }
        }
    }

    private static int[] ints(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }
}
