package org.rlvr4j.examples;

import java.nio.file.Path;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;

/**
 * Example that trains the tiny model for two steps of DCPO and prints the reward of each. Its argument is a folder
 * for the results.
 */
final class TwoSteps {
    public static void main(String[] args) {
        RunConfig config = RunConfig.read(
                Path.of("configs/tiny.yaml"),
                "methods=[DCPO]",
                "output=" + args[0],
                "seeds=[1]",
                "training.steps=2",
                "warmUp.steps=90",
                "problems.heldBack=32",
                "evaluation.samples=2");
        for (StepMetrics step :
                Training.of(config).run(RunListener.SILENT).runs().getFirst().metrics()) {
            System.out.printf("step %d: reward %+.2f%n", step.step(), step.reward());
        }
    }
}
