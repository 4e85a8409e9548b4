package org.rlvr4j.cli.download;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * A repository of the Hub.
 *
 * @param name     ORG/NAME
 * @param revision branch, tag or commit
 */
record Repository(Kind kind, String name, String revision) {

    enum Kind {
        MODEL("models", ""),
        DATASET("datasets", "/datasets");

        private final String plural;
        private final String prefix;

        Kind(String plural, String prefix) {
            this.plural = plural;
            this.prefix = prefix;
        }
    }

    Repository {
        if (!name.matches("\\w[\\w.-]*(/\\w[\\w.-]*)?")) {
            throw new IllegalArgumentException("\"" + name + "\" is no repository of the form ORG/NAME");
        }
        RemoteFile.requireInside(revision);
    }

    /** The repository's folder in the cache. */
    String folder() {
        return kind.plural + "--" + name.replace("/", "--");
    }

    /** Where the Hub lists the files. */
    URI listing(URI endpoint) {
        return URI.create(
                endpoint + "/api/" + kind.plural + "/" + name + "/revision/" + encode(revision) + "?blobs=true");
    }

    /** Where the Hub has a file. */
    URI file(URI endpoint, String commit, String path) {
        return URI.create(
                page(endpoint) + "/resolve/" + commit + "/" + encode(path).replace("%2F", "/"));
    }

    /** What a person looks at. */
    String page(URI endpoint) {
        return endpoint + kind.prefix + "/" + name;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
