package org.rlvr4j.examples;

import java.nio.file.Path;
import java.util.List;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.data.SumProblems;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.rl.LocalLearner;
import org.rlvr4j.rl.Method;
import org.rlvr4j.rl.Preset;
import org.rlvr4j.rl.Rollout;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.rl.TrainerSettings;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Example of a loop of one's own, made of the parts that a training is made of. Its argument is a checkpoint. */
final class OwnLoop {
    public static void main(String[] args) {
        Path checkpoint = Path.of(args[0]);
        Method method = Preset.PAPER.of(Method.Algorithm.DCPO);
        List<Problem> sums = new SumProblems(3, 2, 29, 0.4, 0.5, 9).generate(16, 1, List.of());
        var settings = new TrainerSettings(
                8, 8, 2, 2048, 16, 1, 0, 1, LearningRate.constant(5e-5, 0, false), AdamW.withDecay(0), 1, 3, 1);
        try (Backend backend = new VectorBackend(Runtime.getRuntime().availableProcessors());
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = Checkpoint.load(checkpoint, workspace, true);
                var generator = new BatchGenerator(model, 64)) {
            var answering = new Answering(generator, ChatConversation.load(checkpoint), new Grader());
            var rollout = new Rollout(answering, new ProblemOrder(sums, 1), method);
            var learner = new LocalLearner(model, null, method.loss(), settings.microBatchTokens(), 1);
            try (var trainer = new Trainer(model, learner, rollout, method, settings, System::nanoTime)) {
                for (int step = 1; step <= 3; step++) {
                    System.out.printf(
                            "step %d: reward %+.2f%n",
                            step, trainer.step().metrics().reward());
                }
            }
        }
    }
}
