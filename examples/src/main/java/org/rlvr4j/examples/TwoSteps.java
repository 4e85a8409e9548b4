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
        String dcpo = "methods=[{name: DCPO, algorithm: DCPO, preset: PAPER, change: {}}]";
        String[] settings = {dcpo, "output=" + args[0], "seeds=[1]", "training.steps=2", "warmUp.steps=90"};
        RunConfig config = RunConfig.read(Path.of("configs/tiny.yaml"), settings);
        for (StepMetrics step :
                Training.of(config).run(RunListener.SILENT).runs().getFirst().metrics()) {
            System.out.printf("step %d: reward %+.2f%n", step.step(), step.reward());
        }
    }
}
