package org.rlvr4j.cli.download;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Collection;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * Selection of files of a repository. A pattern with a slash is compared with the whole path, and a pattern without
 * one with the file's name in any folder, as in {@code .gitignore}.
 *
 * @param patterns patterns of the files to fetch
 * @param required patterns that must match at least one file
 */
record Selection(List<String> patterns, List<String> required) {

    private static final Selection MODEL = new Selection(
            List.of(
                    "/{config,generation_config}.json",
                    "/{tokenizer,tokenizer_config,vocab,special_tokens_map,added_tokens}.json",
                    "/merges.txt",
                    "/chat_template.{jinja,json}",
                    "/*.safetensors",
                    "/*.safetensors.index.json"),
            List.of("/config.json", "/tokenizer.json", "/*.safetensors"));
    private static final Selection DATASET = new Selection(List.of("*.{parquet,jsonl}"), List.of("*.{parquet,jsonl}"));

    /**
     * The selection of the given patterns; without patterns, the files that this program reads from such a
     * repository.
     */
    static Selection of(Repository.Kind kind, List<String> patterns) {
        if (!patterns.isEmpty()) {
            return new Selection(patterns, patterns);
        }
        return kind == Repository.Kind.MODEL ? MODEL : DATASET;
    }

    /** Whether a file is selected. */
    boolean has(String path) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, path));
    }

    /** Required patterns that match none of the files. */
    List<String> missing(Collection<String> paths) {
        return required.stream()
                .filter(pattern -> paths.stream().noneMatch(path -> matches(pattern, path)))
                .toList();
    }

    private static boolean matches(String pattern, String path) {
        Path compared = Path.of(pattern.contains("/") ? path : path.substring(path.lastIndexOf('/') + 1));
        return matcher(pattern.startsWith("/") ? pattern.substring(1) : pattern).matches(compared);
    }

    private static PathMatcher matcher(String glob) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + glob);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("\"" + glob + "\" is no pattern: " + e.getDescription(), e);
        }
    }
}
