package org.rlvr4j.run.disk;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.SupervisedConfig;
import org.rlvr4j.run.files.FileFailure;

/**
 * Disk space of an output folder, with the check whether a training fits in it.
 *
 * @param folder folder that the training writes to, which need not exist
 * @param used   bytes of the files that are there already
 * @param free   bytes that are free on its file system
 */
public record DiskSpace(Path folder, long used, long free) {

    /**
     * The space of a folder, or of the nearest folder above it that exists.
     *
     * @param folder folder that a training writes to
     * @throws java.io.UncheckedIOException if it cannot be read
     */
    public static DiskSpace of(Path folder) {
        try {
            FileStore store = Files.getFileStore(existing(folder.toAbsolutePath()));
            boolean isKnown = store.getTotalSpace() > 0; // some file systems tell nothing
            return new DiskSpace(folder, used(folder), isKnown ? store.getUsableSpace() : Long.MAX_VALUE);
        } catch (IOException e) {
            throw FileFailure.reading(folder, e);
        }
    }

    private static Path existing(Path folder) {
        Path nearest = folder;
        while (!Files.exists(nearest) && nearest.getParent() != null) {
            nearest = nearest.getParent();
        }
        return nearest;
    }

    private static long used(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.mapToLong(
                            file -> Files.isRegularFile(file) ? file.toFile().length() : 0)
                    .sum();
        }
    }

    /**
     * Whether the plan's peak fits in what is free and in what the files there take, which the training writes again.
     *
     * @param plan disk that the training needs
     */
    public boolean fits(DiskPlan plan) {
        return plan.peak() - used <= free;
    }

    /**
     * Checks that reinforcement fits on the disk.
     *
     * @param plan   disk that the training needs
     * @param config configuration of the training, from which the message suggests changes
     * @throws IllegalArgumentException if it needs more; the message is one sentence
     */
    public void require(DiskPlan plan, RunConfig config) {
        require(
                plan,
                config.model(),
                "training.",
                config.training().saveEverySteps(),
                config.training().keepCheckpoints());
    }

    /**
     * Checks that supervised learning fits on the disk.
     *
     * @param plan   disk that it needs
     * @param config configuration, from which the message suggests changes
     * @throws IllegalArgumentException if it needs more; the message is one sentence
     */
    public void require(DiskPlan plan, SupervisedConfig config) {
        require(plan, config.model(), "", config.saveEverySteps(), config.keepCheckpoints());
    }

    private void require(
            DiskPlan plan, RunConfig.Start start, String section, int saveEverySteps, int keepCheckpoints) {
        if (fits(plan)) {
            return;
        }
        var remedies = new ArrayList<>(List.of("free some", "choose another output"));
        if (saveEverySteps > 0 && keepCheckpoints > 0) {
            remedies.add("lower " + section + "keepCheckpoints");
        }
        if (start instanceof RunConfig.Start.Checkpoint checkpoint && checkpoint.lora() == null) {
            remedies.add("train adapters alone by model.lora");
        }
        if (saveEverySteps > 0) {
            remedies.add("set " + section + "saveEverySteps to 0, after which nothing can be resumed");
        }
        String last = "or " + remedies.removeLast();
        throw new IllegalArgumentException("training needs " + plan + " of disk in " + folder
                + (used > 0 ? ", of which " + gigabytes(used) + " are there" : "") + ", but its file system has only "
                + gigabytes(free) + " free: " + String.join(", ", remedies) + ", " + last);
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
