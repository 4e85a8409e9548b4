package org.rlvr4j.cli.option;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --classpath}: where classes that a configuration names are found. */
public final class ClassPathOption {

    @Option(
            names = {"--classpath", "-cp"},
            paramLabel = "PATHS",
            description = "jars and folders of the classes that a reward names or uses")
    private @Nullable String paths;

    /** Makes the classes known to the current thread, and to the compiler of source files. */
    public void apply() {
        if (paths == null) {
            return;
        }
        var urls = new ArrayList<URL>();
        for (String path : paths.split(File.pathSeparator, -1)) {
            if (!Files.exists(Path.of(path))) {
                throw new IllegalArgumentException("--classpath: there is no " + path);
            }
            try {
                urls.add(Path.of(path).toUri().toURL());
            } catch (MalformedURLException e) {
                throw new IllegalArgumentException("--classpath: " + path + " cannot be read", e);
            }
        }
        Thread thread = Thread.currentThread();
        thread.setContextClassLoader(new URLClassLoader(urls.toArray(URL[]::new), thread.getContextClassLoader()));
    }
}
