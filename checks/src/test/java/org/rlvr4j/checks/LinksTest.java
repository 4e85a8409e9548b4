package org.rlvr4j.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links between the pages of the documentation lead to a file that exists, and to a heading in it. */
class LinksTest {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.*)$");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void everyLinkLeadsToAFileAndAHeading() throws IOException {
        List<Path> pages = pages();

        assertThat(pages).hasSizeGreaterThan(30);
        assertThat(broken(pages)).isEmpty();
    }

    @Test
    void aLinkThatLeadsNowhereIsFound() throws IOException {
        Files.writeString(
                folder.resolve("other.md"), "# One `two` (three)\n\n## One\n\n## One\n\n```\n# no heading\n```\n");
        Path page = Files.writeString(folder.resolve("page.md"), """
            [a](other.md#one-two-three) [b](other.md#one-1) [c](https://example.org/none) [d](#here) `[e](code.md)`

            # Here

            [f](missing.md) [g](other.md#no-heading) [h](#there)
            """);

        assertThat(broken(List.of(page)))
                .containsExactly(page + ": missing.md", page + ": other.md#no-heading", page + ": #there");
    }

    private static List<Path> pages() throws IOException {
        var pages = new ArrayList<Path>();
        for (String place : List.of("", "docs", "docs/decisions", "bench")) {
            try (Stream<Path> files = Files.list(Path.of(place))) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        return pages;
    }

    private static List<String> broken(List<Path> pages) throws IOException {
        var broken = new ArrayList<String>();
        for (Path page : pages) {
            String text = CODE.matcher(BLOCK.matcher(Files.readString(page)).replaceAll(""))
                    .replaceAll("");
            for (String link : first(LINK, text)) {
                if (!link.contains("://") && !leadsSomewhere(page, link)) {
                    broken.add(page + ": " + link);
                }
            }
        }
        return broken;
    }

    private static boolean leadsSomewhere(Path page, String link) throws IOException {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? page : page.resolveSibling(file);
        return Files.exists(target)
                && (hash < 0 || anchors(Files.readString(target)).contains(link.substring(hash + 1)));
    }

    /** Anchors of the headings, as GitHub makes them: of equal ones, the second ends in {@code -1}. */
    private static Set<String> anchors(String text) {
        var anchors = new HashSet<String>();
        Map<String, Integer> times = new HashMap<>();
        for (String heading : first(HEADING, BLOCK.matcher(text).replaceAll(""))) {
            String anchor = heading.strip()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
                    .replace(' ', '-');
            int before = times.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + "-" + before);
        }
        return anchors;
    }

    /** The first group of each match. */
    private static List<String> first(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1)).toList();
    }
}
