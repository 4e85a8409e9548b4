package org.rlvr4j.tensor;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds golden files: numbers that another implementation computed.
 *
 * <p>A module keeps small copies under {@code src/test/resources/golden}; the system property {@code rlvr4j.golden}
 * names a larger set of the same layout ({@code objectives/}, {@code checkpoints/}, {@code families/},
 * {@code tokenizer/}, {@code grader/}, {@code pretrained/}). A test runs on every copy there is.
 */
public final class Golden {

    private Golden() {}

    /** All existing copies of a golden file or folder such as {@code objectives/dac_bounds.json}. */
    public static List<Path> find(String name) {
        var found = new ArrayList<Path>();
        URL bundled = Golden.class.getResource("/golden/" + name);
        if (bundled != null) {
            found.add(path(bundled));
        }
        String root = System.getProperty("rlvr4j.golden", "../shared/golden");
        Path external = Path.of(root, name);
        if (Files.exists(external)) {
            found.add(external);
        } else {
            System.out.println("Golden set -Drlvr4j.golden=" + root + " has no " + name
                    + ": only a bundled copy, if there is one, is tested.");
        }
        return found;
    }

    /** All golden checkpoints: the folders of {@code checkpoints} and {@code families} that have a {@code golden.json}. */
    public static List<Path> checkpoints() throws IOException {
        var all = new ArrayList<Path>();
        for (String name : List.of("checkpoints", "families")) {
            for (Path root : find(name)) {
                try (Stream<Path> folders = Files.list(root)) {
                    folders.filter(folder -> Files.exists(folder.resolve("golden.json")))
                            .sorted()
                            .forEach(all::add);
                }
            }
        }
        return all;
    }

    /** A real tokenizer's folder, such as {@code qwen3}; empty if the system property {@code rlvr4j.tokenizers} names none. */
    public static List<Path> tokenizer(String name) {
        String root = System.getProperty("rlvr4j.tokenizers", "../shared/tokenizer");
        Path folder = Path.of(root, name);
        if (Files.exists(folder)) {
            return List.of(folder);
        }
        System.out.println(
                "No tokenizer " + name + " in -Drlvr4j.tokenizers=" + root + ": its golden rows are not tested.");
        return List.of();
    }

    /** The folder of a pretrained checkpoint; empty if the system property {@code rlvr4j.pretrained} names none. */
    public static List<Path> pretrained() {
        String folder = System.getProperty("rlvr4j.pretrained");
        if (folder != null) {
            return List.of(Path.of(folder));
        }
        System.out.println("No pretrained checkpoint by -Drlvr4j.pretrained=DIR: its greedy tokens are not tested.");
        return List.of();
    }

    private static Path path(URL resource) {
        try {
            return Path.of(resource.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
