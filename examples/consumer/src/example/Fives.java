package example;

import java.nio.file.Path;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;

/** Teaches a checkpoint that adds up numbers to answer with multiples of five. Its arguments are the checkpoint and a folder. */
public final class Fives {
    public static void main(String[] args) {
        Verifier fives = (problem, answer) -> Verdict.of(answer.text().matches("(?s).*\\\\boxed\\{\\d*[05]\\}.*"));
        RunConfig config = RunConfig.parse("""
            output: %s
            methods: [GRPO]
            model: { from: checkpoint, path: %s }
            problems: { from: sums, heldBack: 32 }
            training: { steps: 25, updatesPerStep: 4, maxNewTokens: 32, learningRate: 1.0e-4, saveEverySteps: 0 }
            evaluation: { samples: 1, everySteps: 0 }
            """.formatted(args[1], args[0]), Path.of("fives.yaml"));
        Training.of(config).rewardedBy("fives", fives).run(new RunListener() {
            @Override
            public void stepped(Name run, Trainer.Step step) {
                System.out.printf(
                        "step %d: reward %.2f%n",
                        step.metrics().step(), step.metrics().reward());
            }
        });
    }
}
