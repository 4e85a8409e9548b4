package org.rlvr4j.run.evaluation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Protocol;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.config.CacheType;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RewardSetting;
import org.rlvr4j.run.files.FileFailure;
import org.rlvr4j.run.files.SealedFolder;
import org.rlvr4j.run.files.Sha256;

/**
 * Evaluation settings: all that determines the completions of an evaluation and their verdicts, on any machine. An
 * interrupted evaluation is continued only with equal settings.
 *
 * @param build      commit of this program
 * @param arithmetic name of the backend's class, which determines how numbers are rounded
 * @param model      name of the checkpoint's folder
 * @param weights    SHA-256 of each of the checkpoint's files, by file name
 * @param adapter    SHA-256 of each of the adapter's files, by file name; empty if there is no adapter
 * @param tokenizer  SHA-256 of the files of tokenizer and chat template, by file name
 * @param problems   SHA-256 of the problem files, by file name
 * @param suites     number of problems by the name of the suite
 * @param sampled    names of the suites that are sampled in addition to greedy answers
 * @param greedy     sampling of Avg@1
 * @param sampling   sampling of Avg@k
 * @param stopTokens ids of the tokens that end a response
 * @param cacheType  type of the keys and values in memory
 * @param template   text of the chat template
 * @param prompts    prompt of the first problem as the model reads it, by the name of the suite
 * @param protocols  how problems are asked, by the name of the suite; as they are if it is not there
 * @param verifiers  parts of the reward that judge a suite, the first of which to judge says what is right, by the name of
 *                   the suite; the mathematics grader judges those that are not there
 * @param rewardCode SHA-256 of the code and the schemas of the rewards; empty if there are none
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
        CacheType cacheType,
        String template,
        Map<String, String> prompts,
        Map<String, Protocol> protocols,
        Map<String, List<RewardSetting>> verifiers,
        String rewardCode) {

    static final String FILE = "settings.yaml";

    /** Reads the settings from an evaluation's folder. */
    static EvalSettings read(Path folder) {
        return Configs.readEvaluation(folder.resolve(FILE), EvalSettings.class);
    }

    /** The sampling with a temperature: greedy for 0. */
    Sampling at(double temperature) {
        return temperature == 0 ? greedy : sampling;
    }

    /** How a suite's problems are asked. */
    Protocol protocol(String suite) {
        return protocols.getOrDefault(suite, Protocol.PLAIN);
    }

    /** Parts of the reward that judge a suite; null for the mathematics grader. */
    @Nullable
    List<RewardSetting> verifier(String suite) {
        return verifiers.get(suite);
    }

    /**
     * These settings with other verifiers.
     *
     * @param parts parts of the reward that judge every suite
     */
    EvalSettings judgedBy(List<RewardSetting> parts) {
        var others = new LinkedHashMap<String, List<RewardSetting>>();
        suites.keySet().forEach(suite -> others.put(suite, parts));
        return new EvalSettings(
                build,
                arithmetic,
                model,
                weights,
                adapter,
                tokenizer,
                problems,
                suites,
                sampled,
                greedy,
                sampling,
                stopTokens,
                cacheType,
                template,
                prompts,
                protocols,
                others,
                rewardCode);
    }

    /**
     * Returns the SHA-256 of each file, by its name without folders, which do not matter.
     *
     * @throws IllegalArgumentException if two files have the same name
     */
    static Map<String, String> hashes(List<Path> files) {
        var hashes = new LinkedHashMap<String, String>();
        for (Path file : files) {
            if (hashes.put(String.valueOf(file.getFileName()), Sha256.of(file)) != null) {
                throw new IllegalArgumentException("two problem files are called " + file.getFileName());
            }
        }
        return hashes;
    }

    /**
     * Returns the number of problems by the name of the suite.
     *
     * @throws IllegalArgumentException if two suites have the same name
     */
    static Map<String, Integer> sizes(List<Suite> suites) {
        var sizes = new LinkedHashMap<String, Integer>();
        for (Suite suite : suites) {
            if (sizes.put(suite.name(), suite.problems().size()) != null) {
                throw new IllegalArgumentException("two files hold problems of the suite " + suite.name());
            }
        }
        return sizes;
    }

    /**
     * Writes the settings into a folder, or compares them with the settings that the folder already has.
     *
     * @throws IllegalArgumentException if the folder has other settings
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
            throw FileFailure.writingTo(folder, e);
        }
    }
}
