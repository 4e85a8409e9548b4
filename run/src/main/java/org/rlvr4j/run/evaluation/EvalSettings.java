package org.rlvr4j.run.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.SealedFolder;
import org.rlvr4j.run.Sha256;
import org.rlvr4j.run.config.Configs;

/**
 * All that determines an evaluation's completions and their verdicts, whatever the machine. Only an evaluation of the same
 * settings is continued.
 *
 * @param build      the commit of this program
 * @param arithmetic how the backend computes
 * @param model      name of the checkpoint's folder
 * @param weights    SHA-256 of the checkpoint's files, by name
 * @param adapter    SHA-256 of the adapter's files, if there is one
 * @param tokenizer  SHA-256 of the files of tokenizer and chat template
 * @param problems   SHA-256 of the problem files
 * @param suites     how many problems each has
 * @param sampled    suites that are not only answered greedily
 * @param greedy     how Avg@1 is drawn
 * @param sampling   how Avg@k is drawn
 * @param stopTokens ids of the tokens that end a response
 * @param template   the chat template
 * @param prompts    of each suite, the first problem's prompt as the model reads it
 */
record EvalSettings(
        String build,
        String arithmetic,
        String model,
        Map<String, String> weights,
        Map<String, String> adapter,
        Map<String, String> tokenizer,
        Map<String, String> problems,
        Map<String, Integer> suites,
        List<String> sampled,
        Sampling greedy,
        Sampling sampling,
        List<Integer> stopTokens,
        String template,
        Map<String, String> prompts) {

    static final String FILE = "settings.yaml";

    /** Reads the settings of an evaluation's folder. */
    static EvalSettings read(Path folder) {
        return Configs.read(folder.resolve(FILE), List.of(), EvalSettings.class);
    }

    /** How a suite is answered at a temperature. */
    Sampling at(double temperature) {
        return temperature == 0 ? greedy : sampling;
    }

    /** The files' hashes, by their names without folders, which tell nothing. */
    static Map<String, String> hashes(List<Path> files) {
        var hashes = new LinkedHashMap<String, String>();
        for (Path file : files) {
            if (hashes.put(String.valueOf(file.getFileName()), Sha256.of(file)) != null) {
                throw new IllegalArgumentException("two problem files are called " + file.getFileName());
            }
        }
        return hashes;
    }

    static Map<String, Integer> sizes(List<Suite> suites) {
        var sizes = new LinkedHashMap<String, Integer>();
        for (Suite suite : suites) {
            if (sizes.put(suite.name(), suite.problems().size()) != null) {
                throw new IllegalArgumentException("two files hold problems of the suite " + suite.name());
            }
        }
        return sizes;
    }

    static Map<String, String> firstPrompts(List<Suite> suites, ChatConversation conversation) {
        var prompts = new LinkedHashMap<String, String>();
        for (Suite suite : suites) {
            int[] tokens = conversation.prompt(suite.problems().getFirst());
            prompts.put(suite.name(), conversation.tokenizer().decode(tokens, false));
        }
        return prompts;
    }

    /**
     * Writes the settings into the folder, or compares them with those that are there.
     *
     * @throws IllegalArgumentException if these do not continue what is there
     */
    void claim(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            Files.createDirectories(folder);
            if (Files.exists(file)) {
                List<String> differences = Configs.differences(file, this, Set.of());
                if (!differences.isEmpty()) {
                    throw new IllegalArgumentException(folder + " holds an evaluation with "
                            + String.join(", ", differences) + "; set that back, or choose another --output");
                }
            } else {
                Path unfinished = folder.resolve(FILE + SealedFolder.UNFINISHED);
                Files.writeString(unfinished, Configs.write(this));
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder + ": " + e.getMessage(), e);
        }
    }
}
