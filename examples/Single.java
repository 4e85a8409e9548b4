import java.nio.file.Path;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;

/**
 * A training in one source file, which java itself compiles and runs. Given a folder of jars, where the folder configs is:
 *
 * <pre>java --add-modules jdk.incubator.vector -cp 'lib/*' examples/Single.java configs/tiny.yaml runs/single</pre>
 */
public final class Single {
    public static void main(String[] args) {
        RunConfig config = RunConfig.read(
                Path.of(args[0]),
                "methods=[GRPO]",
                "output=" + args[1],
                "seeds=[1]",
                "training.steps=2",
                "warmUp.steps=30",
                "problems.heldBack=32",
                "evaluation.samples=2");
        for (StepMetrics step :
                Training.of(config).run(RunListener.SILENT).runs().getFirst().metrics()) {
            System.out.printf("step %d: reward %+.2f%n", step.step(), step.reward());
        }
    }
}
