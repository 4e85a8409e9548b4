package org.rlvr4j.cli.download;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Repository of the Hub.
 *
 * @param kind     kind of the repository: model or data set
 * @param name     name of the form ORG/NAME
 * @param revision branch, tag or commit
 */
record Repository(Kind kind, String name, String revision) {

    /** Kind of repository, with the words for it in the Hub's addresses. */
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

    /** Name of the repository's folder in the cache. */
    String folder() {
        return kind.plural + "--" + name.replace("/", "--");
    }

    /** Address of the Hub's listing of the files. */
    URI listing(URI endpoint) {
        return URI.create(
                endpoint + "/api/" + kind.plural + "/" + name + "/revision/" + encode(revision) + "?blobs=true");
    }

    /** Address of a file at a commit. */
    URI file(URI endpoint, String commit, String path) {
        return URI.create(
                page(endpoint) + "/resolve/" + commit + "/" + encode(path).replace("%2F", "/"));
    }

    /** Address of the repository's web page. */
    String page(URI endpoint) {
        return endpoint + kind.prefix + "/" + name;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
