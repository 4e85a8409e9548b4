package example;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.QwenConfig;
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

/** Teaches a model with random weights to repeat a letter: a task, its judge and its letters are the program's own. */
public final class RepeatLetter {

    private static final String TOKENS = "abcdefgh."; // the last one ends a response
    private static final int STOP = TOKENS.length() - 1;

    /** A token is a letter. */
    private static final class Letters implements Conversation {
        @Override
        public int[] prompt(Problem problem) {
            return problem.prompt()
                    .getFirst()
                    .content()
                    .chars()
                    .map(TOKENS::indexOf)
                    .toArray();
        }

        @Override
        public String text(int[] tokens) {
            var text = new StringBuilder();
            for (int token : tokens) {
                text.append(token == STOP ? "" : TOKENS.charAt(token));
            }
            return text.toString();
        }
    }

    public static void main(String[] args) {
        List<Problem> problems = Stream.of("a", "b", "c", "d", "e", "f", "g", "h")
                .map(letter -> new Problem(letter, "letters", List.of(new Message("user", letter)), List.of(letter)))
                .toList();
        Verifier judge = (problem, answer) -> Verdict.of(
                answer.text().startsWith(problem.id()) ? Verdict.Stage.IDENTICAL : Verdict.Stage.DIFFERENT,
                Optional.of(answer.text()));
        Method method = Preset.PAPER.of(Method.Algorithm.GRPO);
        var shape = new QwenConfig(
                QwenConfig.Architecture.QWEN2,
                32,
                64,
                2,
                2,
                1,
                16,
                1e-6,
                10_000,
                TOKENS.length(),
                true,
                16,
                List.of(STOP),
                null,
                null);
        var settings = new TrainerSettings(
                8, 32, 1, 4096, 2, 1, LearningRate.constant(1e-2, 0, false), AdamW.withDecay(0), 1, 2, 7);
        try (Backend backend = new VectorBackend(Runtime.getRuntime().availableProcessors());
                var workspace = new Workspace(backend, DType.F32);
                var model = Qwen2.random(shape, workspace, 1);
                var generator = new BatchGenerator(model, 256)) {
            var answering = new Answering(generator, new Letters(), judge);
            var rollout = new Rollout(answering, new ProblemOrder(problems, 3), method);
            var learner =
                    new LocalLearner(model, null, method.loss(), settings.microBatchTokens(), settings.temperature());
            try (var trainer = new Trainer(model, learner, rollout, method, settings, System::nanoTime)) {
                for (int step = 1; step <= 30; step++) {
                    double accuracy = trainer.step().metrics().accuracy();
                    if (step % 10 == 0) {
                        System.out.printf("step %d: %.0f %% right%n", step, 100 * accuracy);
                    }
                }
            }
        }
    }
}
