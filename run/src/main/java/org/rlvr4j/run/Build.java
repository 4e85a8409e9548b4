package org.rlvr4j.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What this program was built from. */
public final class Build {

    private Build() {}

    /** The commit, with "-dirty" behind it if there were changes on top of it; "unknown" without a repository. */
    public static String commit() {
        var properties = new Properties();
        try (InputStream in = Build.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read build.properties: " + e.getMessage(), e);
        }
        String commit = properties.getProperty("commit", "");
        return commit.matches("\\p{XDigit}{40}(-dirty)?") ? commit : "unknown";
    }
}
