package org.rlvr4j.run;

import java.io.IOException;
import java.io.UncheckedIOException;
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

/**
 * The checkpoints of a run, {@code step-<n>} after step n: each a {@link SealedFolder}.
 *
 * @param folder that they lie in
 * @param keep   how many, the newest, are kept beside the best
 */
public record Checkpoints(Path folder, int keep) {

    private static final String PREFIX = "step-";

    /** The newest that is whole; those that are not are named, and left where they are. */
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

    boolean has(int step) {
        return Files.exists(folder.resolve(PREFIX + step));
    }

    /**
     * Adds one, and removes those that are too old.
     *
     * @param accuracy of steps at which it was measured; of the best among those with a checkpoint, that is kept
     */
    void write(int step, Map<Long, Double> accuracy, SealedFolder.Content content) {
        SealedFolder.write(folder.resolve(PREFIX + step), content);
        try {
            NavigableMap<Integer, Path> old = byStep().headMap(step, true).descendingMap();
            Optional<Integer> best = old.keySet().stream()
                    .filter(at -> accuracy.containsKey(at.longValue()))
                    .max(Comparator.comparing((Integer at) -> accuracy.get(at.longValue()))
                            .thenComparing(Comparator.naturalOrder()));
            for (Map.Entry<Integer, Path> one :
                    old.entrySet().stream().skip(keep).toList()) {
                if (!best.equals(Optional.of(one.getKey()))) {
                    SealedFolder.delete(one.getValue());
                }
            }
            for (Path left : list(name -> name.endsWith(SealedFolder.UNFINISHED))) { // by a process that was killed
                SealedFolder.removeTree(left);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot remove an old checkpoint from " + folder + ": " + SealedFolder.reason(e), e);
        }
    }

    /** Removes all. */
    void clear() {
        try {
            SealedFolder.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder + ": " + e.getMessage(), e);
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
            throw new UncheckedIOException("cannot read " + folder + ": " + e.getMessage(), e);
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
