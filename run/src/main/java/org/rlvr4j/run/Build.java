package org.rlvr4j.run;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.rlvr4j.run.files.FileFailure;

/** Build information of this program. */
public final class Build {

    private Build() {}

    /**
     * The commit that was built, followed by "-dirty" if there were uncommitted changes; "unknown" without a
     * repository.
     */
    public static String commit() {
        var properties = new Properties();
        try (InputStream in = Build.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw FileFailure.of("cannot read build.properties", e);
        }
        String commit = properties.getProperty("commit", "");
        return commit.matches("\\p{XDigit}{40}(-dirty)?") ? commit : "unknown";
    }
}
