package org.rlvr4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.rlvr4j.cli.screen.Screen;
import org.rlvr4j.cli.screen.TerminalListener;
import org.rlvr4j.run.Checkpoints;
import org.rlvr4j.run.files.SealedFolder;

/**
 * Damages the newest checkpoint of a tiny run in one way after the other, and sees that each time the one before is chosen
 * and one line says why.
 *
 * <p>{@code scripts/damage.sh --count 10000 --seed 1}; its last line is the summary.
 */
final class DamagedCheckpoints {

    /** What can happen to a file, or to a folder of files. */
    enum Damage {
        TRUNCATED,
        FLIPPED,
        OVERWRITTEN,
        GROWN,
        MISSING,
        ADDED,
        ADDED_FOLDER,
        FOLDER_IN_PLACE,
        LINK_IN_PLACE,
        OF_ANOTHER_STEP,
        EXCHANGED
    }

    private static final int STEPS = 2;

    private final Path checkpoints;
    private final Path newest;
    private final Path before;
    private final Path elsewhere;
    private final Map<String, byte[]> whole = new TreeMap<>();
    private final SplittableRandom random;

    /** @param folder an empty one */
    DamagedCheckpoints(Path folder, long seed) throws IOException {
        Path output = folder.resolve("run");
        TinyRun.execute(TinyRun.in(folder).arguments(output, "DCPO", "training.steps=" + STEPS));
        this.checkpoints = TinyRun.folder(output, "DCPO").resolve("checkpoints");
        this.newest = checkpoints.resolve("step-" + STEPS);
        this.before = checkpoints.resolve("step-" + (STEPS - 1));
        this.elsewhere = folder.resolve("elsewhere");
        this.random = new SplittableRandom(seed);
        try (var files = Files.list(newest)) {
            for (Path file : files.toList()) {
                whole.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
    }

    public static void main(String[] args) throws IOException {
        var options = Options.of(args, Map.of("count", 10_000, "seed", 1));
        Path folder = Files.createTempDirectory("damage");
        try {
            System.out.println(new DamagedCheckpoints(folder, options.get("seed")).damage(options.get("count")));
        } catch (AssertionError e) {
            System.out.println("FAILED: " + e.getMessage());
            System.exit(1);
        } finally {
            SealedFolder.removeTree(folder);
        }
    }

    /**
     * Damages and mends so many times.
     *
     * @return the summary
     * @throws AssertionError if a damaged checkpoint would be used, or a whole one would not
     */
    String damage(int times) throws IOException {
        var done = new EnumMap<Damage, Integer>(Damage.class);
        String[] names = whole.keySet().toArray(String[]::new);
        while (done.values().stream().mapToInt(count -> count).sum() < times) {
            Damage damage = Damage.values()[random.nextInt(Damage.values().length)];
            String name = names[random.nextInt(names.length)];
            if (apply(damage, newest.resolve(name), names[random.nextInt(names.length)])) {
                require(before, 1, damage + " " + name);
                done.merge(damage, 1, Integer::sum);
            }
            mend();
            require(newest, 0, "mended after " + damage + " " + name);
        }
        return times + " damaged checkpoints, all detected, none loaded: "
                + done.entrySet().stream()
                        .map(kind -> kind.getValue() + " " + kind.getKey())
                        .collect(Collectors.joining(", "));
    }

    private void require(Path expected, int lines, String what) {
        var printed = new ByteArrayOutputStream();
        var screen = new Screen(new PrintStream(printed, true, StandardCharsets.UTF_8), false, () -> 80, () -> 0);
        Optional<Path> chosen = new Checkpoints(checkpoints, STEPS).newest(new TerminalListener(screen, screen.out()));
        String text = printed.toString(StandardCharsets.UTF_8);
        if (!chosen.equals(Optional.of(expected))
                || text.lines().count() != lines
                || !text.lines().allMatch(line -> line.startsWith(newest + " is damaged and not used: "))) {
            throw new AssertionError(what + ": " + chosen + " was chosen, and said was: " + text);
        }
    }

    /** Whether it changed anything. */
    private boolean apply(Damage damage, Path file, String other) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        byte[] changed = bytes.clone();
        int at = random.nextInt(Math.max(1, bytes.length));
        switch (damage) {
            case TRUNCATED -> changed = Arrays.copyOf(bytes, at);
            case FLIPPED -> changed[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            case OVERWRITTEN -> {
                byte[] noise = new byte[1 + random.nextInt(bytes.length - at)];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, changed, at, noise.length);
            }
            case GROWN -> changed = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(9));
            case OF_ANOTHER_STEP -> changed = Files.readAllBytes(before.resolve(file.getFileName()));
            case EXCHANGED -> {
                changed = Files.readAllBytes(newest.resolve(other));
                Files.write(newest.resolve(other), bytes);
            }
            case MISSING -> Files.delete(file);
            case ADDED -> Files.write(newest.resolve("." + random.nextInt()), new byte[random.nextInt(2)]);
            case ADDED_FOLDER -> Files.createDirectory(newest.resolve("folder-" + random.nextInt()));
            case FOLDER_IN_PLACE, LINK_IN_PLACE -> {
                Files.move(file, elsewhere);
                if (damage == Damage.FOLDER_IN_PLACE) {
                    Files.createDirectory(file);
                } else {
                    Files.createSymbolicLink(file, elsewhere);
                }
            }
        }
        if (Arrays.equals(changed, bytes)) {
            return List.of(
                            Damage.MISSING,
                            Damage.ADDED,
                            Damage.ADDED_FOLDER,
                            Damage.FOLDER_IN_PLACE,
                            Damage.LINK_IN_PLACE)
                    .contains(damage);
        }
        Files.write(file, changed);
        return true;
    }

    private void mend() throws IOException {
        Files.deleteIfExists(elsewhere);
        Files.walkFileTree(newest, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                byte[] was = whole.get(file.getFileName().toString());
                if (was == null || !attributes.isRegularFile()) {
                    Files.delete(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
                if (!folder.equals(newest)) {
                    Files.delete(folder);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        for (Map.Entry<String, byte[]> file : whole.entrySet()) {
            Path path = newest.resolve(file.getKey());
            if (!Files.exists(path) || !Arrays.equals(Files.readAllBytes(path), file.getValue())) {
                Files.write(path, file.getValue());
            }
        }
    }
}
