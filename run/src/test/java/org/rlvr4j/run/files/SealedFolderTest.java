package org.rlvr4j.run.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedFolderTest {

    private static final int DAMAGES = 100;

    @TempDir
    private Path parent = Path.of("");

    private Path folder = Path.of("");

    @BeforeEach
    void seal() {
        folder = parent.resolve("step-3");
        SealedFolder.write(folder, SealedFolderTest::fill);
    }

    private static void fill(Path unfinished) throws IOException {
        Files.writeString(unfinished.resolve("state.json"), "{\"steps\":3}");
        Files.write(unfinished.resolve("weights"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        Files.writeString(unfinished.resolve("empty"), "");
    }

    @Test
    void wholeFolderHasNoDamage() throws IOException {
        assertThat(SealedFolder.damage(folder)).isEmpty();
        try (var siblings = Files.list(parent)) {
            assertThat(siblings).containsExactly(folder);
        }
    }

    @Test
    void missingFilesAndAdditionalOnesAreNamed() throws IOException {
        Files.writeString(folder.resolve("more"), "");
        assertThat(SealedFolder.damage(folder)).hasValue("more is not what was written");
        Files.delete(folder.resolve("more"));
        Files.delete(folder.resolve("weights"));
        assertThat(SealedFolder.damage(folder)).hasValue("weights is missing");
        Files.createDirectory(folder.resolve("weights"));
        assertThat(SealedFolder.damage(folder)).hasValue("weights is not what was written");
        Files.delete(folder.resolve("manifest.json"));
        assertThat(SealedFolder.damage(folder)).hasValue("manifest.json is missing");
    }

    @Test
    void everyFlipAndEveryTruncationIsNoticed() throws IOException {
        var random = new SplittableRandom(1);
        List<String> names = List.of("state.json", "weights", "manifest.json");
        for (int i = 0; i < DAMAGES; i++) {
            Path file = folder.resolve(names.get(random.nextInt(names.size())));
            byte[] bytes = Files.readAllBytes(file);
            int at = random.nextInt(bytes.length);
            byte[] changed = random.nextBoolean() ? Arrays.copyOf(bytes, at) : bytes.clone();
            if (changed.length == bytes.length) {
                changed[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            }
            Files.write(file, changed);
            assertThat(SealedFolder.damage(folder)).isPresent();
            Files.write(file, bytes);
            assertThat(SealedFolder.damage(folder)).isEmpty();
        }
    }

    @Test
    void folderThatCouldNotBeWrittenLeavesTheOldOneWhole() throws IOException {
        assertThatThrownBy(() -> SealedFolder.write(folder, unfinished -> {
                    fill(unfinished);
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("cannot write " + folder)
                .hasMessageContaining("No space left on device");
        assertThat(SealedFolder.damage(folder)).isEmpty();

        SealedFolder.write(folder, unfinished -> Files.writeString(unfinished.resolve("other"), ""));
        assertThat(SealedFolder.damage(folder)).isEmpty();
        assertThat(folder.resolve("weights")).doesNotExist();
    }

    @Test
    void folderOfSomethingElseIsNotReplaced() throws IOException {
        Path letters = Files.createDirectories(parent.resolve("letters"));
        Files.writeString(letters.resolve("letter.txt"), "Dear");

        assertThatThrownBy(() -> SealedFolder.write(letters, SealedFolderTest::fill))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("cannot write " + letters);
        assertThat(letters.resolve("letter.txt")).hasContent("Dear");
    }
}
