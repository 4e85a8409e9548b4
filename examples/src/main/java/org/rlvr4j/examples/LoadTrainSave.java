package org.rlvr4j.examples;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.model.text.ChatTemplate;
import org.rlvr4j.model.text.Tokenizer;
import org.rlvr4j.rl.SupervisedTrainer;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/**
 * Example that loads a checkpoint, asks it, teaches it one answer, asks again, and saves it. Its arguments are the checkpoint's
 * folder and one to save to.
 */
final class LoadTrainSave {
    public static void main(String[] args) {
        Path checkpoint = Path.of(args[0]);
        Tokenizer tokenizer = Tokenizer.load(checkpoint);
        String text = ChatTemplate.load(checkpoint).render(List.of(Map.of("role", "user", "content", "1+2+3=")), true);
        var prompt = new Prompt(1, tokenizer.encodePrompt(text));
        try (Backend backend = new VectorBackend(Runtime.getRuntime().availableProcessors());
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = Checkpoint.load(checkpoint, workspace, true)) {
            System.out.println("before: " + answer(model, tokenizer, prompt));
            int[] taught = IntStream.concat(
                            IntStream.of(tokenizer.encode("\\boxed{6}")),
                            IntStream.of(model.config().stopTokens().getFirst()))
                    .toArray();
            var demonstration = new Completion(prompt, 0, taught, new float[taught.length], false);
            try (var trainer =
                    new SupervisedTrainer(model, LearningRate.constant(1e-3, 0, false), AdamW.withDecay(0), 1)) {
                IntStream.range(0, 30).forEach(_ -> trainer.step(List.of(demonstration)));
            }
            System.out.println("after: " + answer(model, tokenizer, prompt));
            Checkpoint.save(model, Path.of(args[1]), Safetensors.Dtype.F32);
        }
    }

    private static String answer(Decoder model, Tokenizer tokenizer, Prompt prompt) {
        try (var generator = new BatchGenerator(model, 1)) {
            List<List<Completion>> answers = generator.generate(List.of(prompt), Sampling.greedy(16));
            return tokenizer.decode(answers.getFirst().getFirst().tokens(), true);
        }
    }
}
