package org.rlvr4j.run.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import org.rlvr4j.run.files.FileFailure;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Output folder of a training, as far as it has come.
 *
 * @param path   folder
 * @param config effective configuration, as YAML
 * @param origin program and machine that made the numbers
 * @param runs   runs that have begun, in the order of the configuration
 */
public record TrainingFolder(Path path, String config, Origin origin, List<RunFolder> runs) {

    /** File with the losses of the warm-up. */
    public static final String WARM_UP = "warm-up.jsonl";

    private static final String ORIGIN = "origin.json";
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * Origin of the numbers in a folder.
     *
     * @param commit  commit of the program
     * @param machine operating system, cores and Java version
     */
    public record Origin(String commit, String machine) {

        /**
         * A program on this machine.
         *
         * @param commit commit of the program
         */
        public static Origin here(String commit) {
            return new Origin(
                    commit,
                    System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                            + Runtime.getRuntime().availableProcessors() + " cores, Java "
                            + System.getProperty("java.version"));
        }

        /**
         * Writes the origin into an output folder.
         *
         * @param folder folder to write to
         */
        public void write(Path folder) throws IOException {
            Files.writeString(folder.resolve(ORIGIN), JSON.writeValueAsString(this) + "\n");
        }
    }

    /**
     * Reads what a training has written so far.
     *
     * @param path folder of the training
     * @throws IllegalArgumentException      if the folder is not the output of a training
     * @throws java.io.UncheckedIOException if a file cannot be read
     */
    public static TrainingFolder read(Path path) {
        Path config = path.resolve("config.yaml");
        if (!Files.exists(config)) {
            throw new IllegalArgumentException(
                    path + " has no config.yaml: name the output folder of train or ablate, such as runs/tiny");
        }
        try {
            String text = Files.readString(config);
            JsonNode tree = new YAMLMapper().readTree(text);
            var runs = new ArrayList<RunFolder>();
            for (JsonNode method : tree.path("methods")) {
                for (JsonNode seed : tree.path("seeds")) {
                    var run = RunFolder.of(path, method.path("name").asString(), seed.asLong());
                    if (run.exists()) {
                        runs.add(run);
                    }
                }
            }
            return new TrainingFolder(path, text, origin(path.resolve(ORIGIN)), runs);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(config + " is not a configuration: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw FileFailure.reading(config, e);
        }
    }

    private static Origin origin(Path file) throws IOException {
        return Files.exists(file)
                ? JSON.readValue(Files.readString(file), Origin.class)
                : new Origin("unknown", "unknown");
    }

    /**
     * This folder with the given runs only.
     *
     * @param folders folders in place of the present ones
     */
    public TrainingFolder with(Collection<RunFolder> folders) {
        return new TrainingFolder(
                path, config, origin, runs.stream().filter(folders::contains).toList());
    }

    /**
     * Name of the file with the losses of a warm-up, where each seed has one of its own.
     *
     * @param seed seed of the runs that start from the warm-up
     */
    public static String warmUp(long seed) {
        return "warm-up-" + seed + ".jsonl";
    }

    /**
     * Files with the losses of the warm-ups, by the name of their curve: one, one for each seed, or none.
     *
     * @param label name of this folder
     */
    Map<String, Path> warmUps(String label) {
        var files = new LinkedHashMap<String, Path>();
        files.put(label, path.resolve(WARM_UP));
        for (RunFolder run : runs) {
            files.put(label + ", seed " + run.seed(), path.resolve(warmUp(run.seed())));
        }
        files.values().removeIf(file -> !Files.isRegularFile(file));
        return files;
    }

    /** Numbers of the runs that are finished. */
    List<RunNumbers> numbers() {
        return runs.stream().flatMap(run -> run.numbers().stream()).toList();
    }

    /** Failures of the runs that failed. */
    List<RunFailure> failures() {
        return runs.stream().flatMap(run -> run.failure().stream()).toList();
    }

    /** Greedy accuracy on the first suite before reinforcement, from 0 to 1, a mean over the runs that have begun. */
    OptionalDouble before() {
        return runs.stream()
                .map(run -> run.resolve(RunFolder.EVALUATIONS))
                .filter(Files::isRegularFile)
                .flatMapToDouble(TrainingFolder::before)
                .average();
    }

    private static DoubleStream before(Path evaluations) {
        var averages = DoubleStream.builder();
        MetricsFile.forEach(evaluations, line -> {
            if (line.get("step") instanceof Integer step && step == 0 && line.get("avg") instanceof Number avg) {
                averages.add(avg.doubleValue());
            }
        });
        return averages.build().limit(1);
    }

    /** Folders of the runs that are finished. */
    List<RunFolder> finished() {
        return runs.stream().filter(run -> run.numbers().isPresent()).toList();
    }

    /** Short name of the folder. */
    String label() {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? path.toString() : name.toString();
    }
}
