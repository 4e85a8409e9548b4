package org.rlvr4j.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.rlvr4j.run.config.MethodChoice;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.files.FileFailure;
import org.rlvr4j.run.files.SealedFolder;
import org.rlvr4j.run.report.RunFolder;

/**
 * Checkpoints of a run: {@link SealedFolder}s named {@code step-<n>}, each written after step n.
 *
 * @param folder folder that holds the checkpoints
 * @param keep   number of newest checkpoints to keep, beside the best one; 0 to keep the newest alone, while it may be needed
 */
public record Checkpoints(Path folder, int keep) {

    private static final String PREFIX = "step-";

    /**
     * Checkpoints of one run of a training.
     *
     * @param config configuration of the training
     * @param method method of the run
     * @param seed   seed of the run
     */
    static Checkpoints of(RunConfig config, MethodChoice method, long seed) {
        return new Checkpoints(
                RunFolder.of(config.output(), method.name(), seed).resolve("checkpoints"),
                config.training().keepCheckpoints());
    }

    /**
     * Returns the newest undamaged checkpoint, if any. Damaged ones are reported and left where they are.
     *
     * @param listener receives a message for each damaged checkpoint
     */
    public Optional<Path> newest(RunListener listener) {
        List<Path> all = List.copyOf(byStep().descendingMap().values());
        for (Path checkpoint : all) {
            Optional<String> damage = SealedFolder.damage(checkpoint);
            if (damage.isEmpty()) {
                return Optional.of(checkpoint);
            }
            listener.message(checkpoint + " is damaged and not used: " + damage.get());
        }
        if (!all.isEmpty()) {
            listener.message(folder + " holds no other checkpoint, so the run starts over");
        }
        return Optional.empty();
    }

    /**
     * Folder of the checkpoint of a step.
     *
     * @param step number of steps made before it
     */
    public Path of(int step) {
        return folder.resolve(PREFIX + step);
    }

    /**
     * Whether there is a checkpoint of the step.
     *
     * @param step number of steps made before it
     */
    public boolean has(int step) {
        return Files.exists(of(step));
    }

    /**
     * Writes a checkpoint, and removes the older ones that are not to be kept.
     *
     * @param step     number of steps made so far
     * @param accuracy accuracy by step, where it was measured; the checkpoint with the highest accuracy is kept
     * @param content  writes the files of the checkpoint
     */
    public void write(int step, Map<Long, Double> accuracy, SealedFolder.Content content) {
        SealedFolder.write(of(step), content);
        try {
            NavigableMap<Integer, Path> newestFirst =
                    byStep().headMap(step, true).descendingMap();
            Optional<Integer> best = newestFirst.keySet().stream()
                    .filter(at -> accuracy.containsKey(at.longValue()))
                    .max(Comparator.comparing((Integer at) -> accuracy.get(at.longValue()))
                            .thenComparing(Comparator.naturalOrder()));
            for (Map.Entry<Integer, Path> checkpoint :
                    newestFirst.entrySet().stream().skip(Math.max(keep, 1)).toList()) {
                if (keep == 0 || !best.equals(Optional.of(checkpoint.getKey()))) {
                    SealedFolder.delete(checkpoint.getValue());
                }
            }
            for (Path leftover : list(name -> name.endsWith(SealedFolder.UNFINISHED))) { // of a killed process
                SealedFolder.removeTree(leftover);
            }
        } catch (IOException e) {
            throw FileFailure.of("cannot remove an old checkpoint from " + folder, e);
        }
    }

    /** Removes all checkpoints if none are to be kept, once none is needed to go on from. */
    public void ended() {
        if (keep == 0) {
            clear();
        }
    }

    /** Removes all checkpoints. */
    public void clear() {
        try {
            SealedFolder.delete(folder);
        } catch (IOException e) {
            throw FileFailure.of("cannot remove " + folder, e);
        }
    }

    private NavigableMap<Integer, Path> byStep() {
        var byStep = new TreeMap<Integer, Path>();
        for (Path checkpoint : list(name -> name.matches(PREFIX + "\\d{1,9}"))) {
            byStep.put(Integer.valueOf(name(checkpoint).substring(PREFIX.length())), checkpoint);
        }
        return byStep;
    }

    private List<Path> list(Predicate<String> names) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> names.test(name(file))).toList();
        } catch (IOException e) {
            throw FileFailure.reading(folder, e);
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
