package org.rlvr4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.run.Interruption;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.files.Sha256;

/**
 * Trainings of a model of a few thousand weights, in this process or on executors, which are processes of their own.
 *
 * @param root     folder of all outputs
 * @param settings settings in place of those of configs/tiny.yaml
 */
record Runs(Path root, List<String> settings) {

    private static final List<String> TINY = List.of(
            "seeds=[1]",
            "model.hiddenSize=16",
            "model.mlpSize=24",
            "model.layers=2",
            "model.heads=2",
            "model.keyValueHeads=1",
            "problems.training=8",
            "problems.heldBack=6",
            "problems.demonstrations=50",
            "warmUp.steps=20",
            "warmUp.batchSize=8",
            "training.steps=2",
            "training.promptsPerStep=8",
            "training.groupSize=4",
            "training.updatesPerStep=2",
            "training.gradientShards=4",
            "training.maxNewTokens=8",
            "training.saveEverySteps=1",
            "evaluation.samples=2",
            "evaluation.everySteps=1",
            "evaluation.maxNewTokens=8");

    static Runs tiny(Path root, String... others) {
        var settings = new ArrayList<>(TINY);
        settings.addAll(List.of(others));
        return new Runs(root, settings);
    }

    /** So many executors of this machine. */
    static String executors(int count) {
        return "local-cluster[" + count + ",1,1024]";
    }

    /** Spark asks for a folder of its jars, although executors of this machine have the class path of their driver. */
    static void home() {
        try {
            Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path output(String name) {
        return root.resolve(name);
    }

    /** Trains, and returns the digests of what it wrote. */
    Map<String, String> digests(String name, @Nullable String workers) {
        train(name, workers, RunListener.SILENT, new Interruption());
        return digests(name);
    }

    void train(String name, @Nullable String workers, RunListener listener, Interruption interruption) {
        var all = new ArrayList<>(settings);
        all.add("output=" + output(name));
        RunConfig config = RunConfig.read(Path.of("configs/tiny.yaml"), all.toArray(String[]::new));
        Training.of(config).withWorkers(workers).until(interruption).run(listener);
    }

    /** Digests of the results that hold no time. */
    Map<String, String> digests(String name) {
        var digests = new TreeMap<String, String>();
        try (Stream<Path> files = Files.walk(output(name))) {
            files.filter(file -> !file.toString()
                            .contains("checkpoints")) // what a resume needs: another after an interruption
                    .filter(file -> file.getFileName()
                            .toString()
                            .matches("(metrics|evaluations|samples|results)\\.jsonl|.*\\.safetensors"))
                    .forEach(file -> digests.put(output(name).relativize(file).toString(), Sha256.of(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digests;
    }
}
