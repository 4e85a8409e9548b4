package org.rlvr4j.cli.download;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Collection;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * Which files of a repository are wanted. A pattern with a slash is compared with the whole path, and one without with
 * the name in any folder, as in {@code .gitignore}.
 *
 * @param patterns what is fetched
 * @param required the patterns that have to match something
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

    /** What this project reads of a repository, unless the user says what is wanted. */
    static Selection of(Repository.Kind kind, List<String> patterns) {
        if (!patterns.isEmpty()) {
            return new Selection(patterns, patterns);
        }
        return kind == Repository.Kind.MODEL ? MODEL : DATASET;
    }

    boolean has(String path) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, path));
    }

    /** The required patterns that none of the files matches. */
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
